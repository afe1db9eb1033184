-- Whether any are left to claim. Computed, so that a release from before it keeps it right too.
ALTER TABLE coupons
  ADD COLUMN claimable TINYINT GENERATED ALWAYS AS (stopped_at IS NULL AND issued_count < quantity) VIRTUAL
