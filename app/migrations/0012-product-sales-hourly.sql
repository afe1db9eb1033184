-- Signed sums a product and hour. No CHECK: a cancellation may be counted before its sale.
CREATE TABLE IF NOT EXISTS product_sales_hourly (
  sales_hour DATETIME NOT NULL,
  product_id BINARY(16) NOT NULL,
  units BIGINT NOT NULL,
  revenue BIGINT NOT NULL,
  PRIMARY KEY (sales_hour, product_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
