-- One row a user, locked by every order of that user. version counts the changes of the balance.
CREATE TABLE IF NOT EXISTS wallets (
  user_id BINARY(16) NOT NULL,
  balance BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id),
  CONSTRAINT wallets_balance_not_negative CHECK (balance >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
