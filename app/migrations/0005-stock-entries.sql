-- Every change of a stock that is not a sale. seq is the stock version that the change produced.
CREATE TABLE IF NOT EXISTS stock_entries (
  product_id BINARY(16) NOT NULL,
  seq BIGINT NOT NULL,
  kind ENUM('OPENING', 'ADJUSTMENT', 'RESTOCK') NOT NULL,
  delta INT NOT NULL,
  quantity_after INT NOT NULL,
  reason VARCHAR(200) NOT NULL DEFAULT '',
  order_id BINARY(16) NULL,
  idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_hash BINARY(32) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (product_id, seq),
  UNIQUE KEY stock_entries_idempotency (product_id, idempotency_key),
  CONSTRAINT stock_entries_after_not_negative CHECK (quantity_after >= 0),
  CONSTRAINT stock_entries_stock FOREIGN KEY (product_id) REFERENCES product_stock (product_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
