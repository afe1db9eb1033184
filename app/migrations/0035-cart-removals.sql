-- What an order from a cart has still to take out of it. Written with the order, deleted once it is out of the cart, so
-- the table is all but empty. The foreign key points at a row that the same transaction has written.
CREATE TABLE IF NOT EXISTS cart_removals (
  order_id BINARY(16) NOT NULL,
  product_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  quantity INT NOT NULL,
  PRIMARY KEY (order_id, product_id),
  KEY cart_removals_user (user_id),
  CONSTRAINT cart_removals_quantity_positive CHECK (quantity > 0),
  CONSTRAINT cart_removals_order FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
