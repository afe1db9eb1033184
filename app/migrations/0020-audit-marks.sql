-- Up to where an audit has found the chain of a stock or a wallet whole, and the value there. Only audits read and
-- write it; without a row a chain is audited from its beginning.
CREATE TABLE IF NOT EXISTS audit_marks (
  kind ENUM('STOCK', 'WALLET') NOT NULL,
  id BINARY(16) NOT NULL,
  seq BIGINT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
