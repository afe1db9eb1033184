-- When an admin stopped the coupon; NULL while it counts.
ALTER TABLE coupons ADD COLUMN stopped_at DATETIME(3) NULL
