-- Rights of the account in the throwaway MySQL container: the tests create databases and kill connections.
GRANT ALL PRIVILEGES ON *.* TO 'rowlock'@'%' WITH GRANT OPTION;
