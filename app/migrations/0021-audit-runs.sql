-- When the scheduled audit began last (SCHEDULED, and FULL when it looked at every row), how many rows it found
-- broken, and the snapshot (CHECKPOINT) up to which the next one need not look at orders and events again.
CREATE TABLE IF NOT EXISTS audit_runs (
  kind ENUM('SCHEDULED', 'FULL', 'CHECKPOINT') NOT NULL,
  at DATETIME(3) NOT NULL,
  broken_rows BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (kind)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
