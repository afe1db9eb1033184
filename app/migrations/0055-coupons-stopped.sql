-- stopped_at: when an admin stopped the coupon, NULL while it counts. version: edits so far, from 1.
ALTER TABLE coupons
  ADD COLUMN stopped_at DATETIME(3) NULL,
  ADD COLUMN version BIGINT NOT NULL DEFAULT 1
