/**
 * Account of local servers. Not a secret: the servers listen on loopback only, hold demo and test data, and
 * do not accept root over TCP.
 */
export const mysqlAccount = { user: 'rowlock', password: 'rowlock-local-only' } as const;

/**
 * SQL that creates the account and grants its rights. Fault tests kill connections and read server settings.
 */
export const mysqlAccountSql = [
  `CREATE USER '${mysqlAccount.user}'@'127.0.0.1' IDENTIFIED BY '${mysqlAccount.password}';`,
  `GRANT ALL PRIVILEGES ON *.* TO '${mysqlAccount.user}'@'127.0.0.1' WITH GRANT OPTION;`,
  'FLUSH PRIVILEGES;',
  '',
].join('\n');
