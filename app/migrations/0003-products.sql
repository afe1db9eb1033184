-- price: whole KRW. purchase_limit: units that one user may hold in orders that are not cancelled.
CREATE TABLE IF NOT EXISTS products (
  id BINARY(16) NOT NULL,
  name VARCHAR(200) NOT NULL,
  description VARCHAR(4000) NOT NULL DEFAULT '',
  price BIGINT NOT NULL,
  status ENUM('ACTIVE', 'INACTIVE') NOT NULL DEFAULT 'ACTIVE',
  purchase_limit INT UNSIGNED NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY products_on_sale (status, id),
  CONSTRAINT products_price_not_negative CHECK (price >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
