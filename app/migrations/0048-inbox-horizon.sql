-- One row, id 1: rows of processed_events that were written before this may have been removed. Without the row none was.
CREATE TABLE IF NOT EXISTS inbox_horizon (
  id TINYINT NOT NULL,
  purged_before DATETIME(3) NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB
