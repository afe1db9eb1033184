-- The first moment at which they are no longer accepted; NULL means for good.
ALTER TABLE products ADD COLUMN sale_until DATETIME(3) NULL
