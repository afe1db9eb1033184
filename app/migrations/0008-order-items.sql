-- One row a product and order. stock_seq is the stock version that the sale produced, so the chain of a
-- product can be read back without a gap.
CREATE TABLE IF NOT EXISTS order_items (
  order_id BINARY(16) NOT NULL,
  line SMALLINT UNSIGNED NOT NULL,
  product_id BINARY(16) NOT NULL,
  product_name VARCHAR(200) NOT NULL,
  unit_price BIGINT NOT NULL,
  quantity INT NOT NULL,
  stock_after INT NOT NULL,
  stock_seq BIGINT NOT NULL,
  PRIMARY KEY (order_id, line),
  UNIQUE KEY order_items_stock_seq (product_id, stock_seq),
  CONSTRAINT order_items_quantity_positive CHECK (quantity > 0),
  CONSTRAINT order_items_stock_after_not_negative CHECK (stock_after >= 0),
  CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT order_items_stock FOREIGN KEY (product_id) REFERENCES product_stock (product_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
