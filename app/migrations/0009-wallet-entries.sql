-- The ledger. seq is the wallet version that the entry produced; amount is signed. The idempotency key of a charge or
-- of a cancellation (its REFUND) is unique per user and operation; payments have the key of their order.
CREATE TABLE IF NOT EXISTS wallet_entries (
  user_id BINARY(16) NOT NULL,
  seq BIGINT NOT NULL,
  kind ENUM('CHARGE', 'PAYMENT', 'REFUND') NOT NULL,
  amount BIGINT NOT NULL,
  balance_after BIGINT NOT NULL,
  order_id BINARY(16) NULL,
  idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_hash BINARY(32) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user_id, seq),
  UNIQUE KEY wallet_entries_idempotency (user_id, kind, idempotency_key),
  CONSTRAINT wallet_entries_after_not_negative CHECK (balance_after >= 0),
  CONSTRAINT wallet_entries_wallet FOREIGN KEY (user_id) REFERENCES wallets (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
