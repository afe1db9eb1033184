-- Narrow and alone, because it is the hot row. version counts the changes of the quantity.
CREATE TABLE IF NOT EXISTS product_stock (
  product_id BINARY(16) NOT NULL,
  quantity INT NOT NULL,
  version BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (product_id),
  CONSTRAINT product_stock_quantity_not_negative CHECK (quantity >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
