-- Invitations that are not accepted yet, one per address. token_hash: SHA-256 of the token, which only the
-- invited person has. invited_by is NULL for the command line. The row is deleted when the invitation is
-- accepted or replaced.
CREATE TABLE IF NOT EXISTS operator_invitations (
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  token_hash BINARY(32) NOT NULL,
  admin_role ENUM('viewer', 'operator', 'owner') NOT NULL,
  invited_by BINARY(16) NULL,
  expires_at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (email),
  UNIQUE KEY operator_invitations_token (token_hash)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
