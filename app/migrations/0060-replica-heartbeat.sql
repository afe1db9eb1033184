-- One row, id 1: a number that processes with a read replica raise on the writer every few seconds, to see it arrive there.
CREATE TABLE IF NOT EXISTS replica_heartbeat (
  id TINYINT NOT NULL,
  beat BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB
