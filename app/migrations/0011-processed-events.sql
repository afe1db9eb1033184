-- Inbox of the statistics consumer: a row means that the event has been counted. No secondary index.
CREATE TABLE IF NOT EXISTS processed_events (
  event_id BINARY(16) NOT NULL,
  processed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (event_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
