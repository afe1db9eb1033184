-- Events that SQS has not acknowledged yet. claimed_until does three jobs: the grace of the process that
-- wrote the row, the lease of a relay and the back-off after a failure. A row may be taken once it has passed.
CREATE TABLE IF NOT EXISTS outbox (
  event_id BINARY(16) NOT NULL,
  type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload VARCHAR(8192) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  claimed_until DATETIME(3) NOT NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (event_id),
  KEY outbox_claimed_until (claimed_until)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
