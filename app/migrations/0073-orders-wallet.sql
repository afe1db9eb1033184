-- An order locks its wallet before it is written, so this key can only reject a row that is written by hand,
-- which the audit reports as well. The four foreign keys of the tables of orders cost a hot product 9 % of the
-- database.
ALTER TABLE orders DROP FOREIGN KEY orders_wallet
