-- The first moment at which orders of the product are accepted; NULL means since ever.
ALTER TABLE products ADD COLUMN sale_from DATETIME(3) NULL
