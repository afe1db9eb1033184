-- Replies of administrators' requests by idempotency key, kept for good. claim_id names the request that wrote the row,
-- so that its own second run is told from a repeated request.
CREATE TABLE IF NOT EXISTS idempotent_replies (
  user_id BINARY(16) NOT NULL,
  operation VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash BINARY(32) NOT NULL,
  claim_id BINARY(16) NOT NULL,
  reply MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user_id, operation, idempotency_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
