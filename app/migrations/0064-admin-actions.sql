-- Who changed what: one row per change by an admin, written in the change's own transaction and never
-- changed. admin_id is NULL for the command line. before_json and after_json hold the changed values only.
CREATE TABLE IF NOT EXISTS admin_actions (
  seq BIGINT NOT NULL AUTO_INCREMENT,
  admin_id BINARY(16) NULL,
  action VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  target_kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  target_id BINARY(16) NULL,
  before_json MEDIUMTEXT NULL,
  after_json MEDIUMTEXT NULL,
  reason VARCHAR(200) NULL,
  request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at DATETIME(3) NOT NULL,
  PRIMARY KEY (seq),
  KEY admin_actions_target (target_id, seq),
  KEY admin_actions_admin (admin_id, seq),
  KEY admin_actions_admin_action (admin_id, action, seq),
  KEY admin_actions_action (action, seq)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
