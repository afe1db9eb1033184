-- Who has which coupon, one a user. order_id is the order that used it; its foreign key points at a row that the same
-- transaction has written or locked. None points at coupons or users: their shared locks break the lock order.
CREATE TABLE IF NOT EXISTS user_coupons (
  id BINARY(16) NOT NULL,
  coupon_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  status ENUM('ISSUED', 'USED') NOT NULL,
  order_id BINARY(16) NULL,
  issued_at DATETIME(3) NOT NULL,
  used_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY user_coupons_one_a_user (coupon_id, user_id),
  UNIQUE KEY user_coupons_order (order_id),
  KEY user_coupons_user (user_id, id),
  CONSTRAINT user_coupons_used_in_an_order CHECK (
    (status = 'USED') = (order_id IS NOT NULL) AND (status = 'USED') = (used_at IS NOT NULL)),
  CONSTRAINT user_coupons_used_by FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
