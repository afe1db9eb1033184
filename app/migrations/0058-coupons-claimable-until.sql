-- The list of coupons that can be had, and the counters of those that have not ended.
ALTER TABLE coupons ADD KEY coupons_claimable_until (claimable, valid_until, id)
