-- The foreign key points at the wallet, which every order has locked already: a key to users would take a
-- shared lock outside the lock order. balance_seq and balance_after are the wallet's version and balance
-- that this order's payment produced.
CREATE TABLE IF NOT EXISTS orders (
  id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  status ENUM('COMPLETED', 'CANCELLED') NOT NULL,
  subtotal BIGINT NOT NULL,
  discount BIGINT NOT NULL,
  total BIGINT NOT NULL,
  user_coupon_id BINARY(16) NULL,
  balance_seq BIGINT NOT NULL,
  balance_after BIGINT NOT NULL,
  idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash BINARY(32) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  cancelled_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY orders_idempotency (user_id, idempotency_key),
  KEY orders_user (user_id, id),
  CONSTRAINT orders_total_is_the_difference CHECK (total = subtotal - discount AND total >= 0 AND discount >= 0),
  CONSTRAINT orders_wallet FOREIGN KEY (user_id) REFERENCES wallets (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
