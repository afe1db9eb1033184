-- Definitions. FIXED takes `amount` KRW off, PERCENT takes `percent` of the subtotal, `discount_max` KRW at most. A
-- coupon can be had and used from valid_from until before valid_until. issued_count is the row that claims queue for.
CREATE TABLE IF NOT EXISTS coupons (
  id BINARY(16) NOT NULL,
  name VARCHAR(100) NOT NULL,
  kind ENUM('FIXED', 'PERCENT') NOT NULL,
  amount BIGINT NULL,
  percent TINYINT UNSIGNED NULL,
  discount_max BIGINT NULL,
  minimum_order BIGINT NOT NULL DEFAULT 0,
  quantity INT NOT NULL,
  issued_count INT NOT NULL DEFAULT 0,
  valid_from DATETIME(3) NOT NULL,
  valid_until DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT coupons_terms_are_of_the_kind CHECK (
    (kind = 'FIXED' AND amount IS NOT NULL AND amount > 0 AND percent IS NULL AND discount_max IS NULL)
    OR (kind = 'PERCENT' AND amount IS NULL AND percent IS NOT NULL AND percent BETWEEN 1 AND 100
      AND discount_max IS NOT NULL AND discount_max > 0)),
  CONSTRAINT coupons_minimum_not_negative CHECK (minimum_order >= 0),
  CONSTRAINT coupons_issued_within_quantity CHECK (issued_count >= 0 AND issued_count <= quantity),
  CONSTRAINT coupons_window_is_a_window CHECK (valid_from < valid_until)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
