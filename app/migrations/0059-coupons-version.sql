-- How often the coupon was edited, from 1: its ETag.
ALTER TABLE coupons ADD COLUMN version BIGINT NOT NULL DEFAULT 1
