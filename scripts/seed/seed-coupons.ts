import { findCoupon, insertCoupon } from '../../app/coupons/coupon-sql.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { isDuplicateKey } from '../../app/platform/mysql/database-errors.ts';
import { demoCoupons } from './demo-coupons.ts';

/** The demo coupons that are not there yet. Returns how many were new. Their counters are the worker's business. */
export async function seedCoupons(database: Database): Promise<number> {
  let createdCount = 0;
  for (const coupon of demoCoupons) {
    if ((await findCoupon(database, coupon.couponId)) !== undefined) continue;
    try {
      await database.withTransaction({ name: 'seed_coupon', rerunnable: false }, (tx) =>
        insertCoupon(tx, coupon),
      );
      createdCount += 1;
    } catch (error) {
      // Another seeding, at the same time, has written the same row.
      if (!isDuplicateKey(error)) throw error;
    }
  }
  return createdCount;
}
