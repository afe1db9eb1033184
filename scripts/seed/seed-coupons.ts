import { findCoupon, insertCoupon } from '../../app/coupons/coupon-sql.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { isDuplicateKey } from '../../app/platform/mysql/database-errors.ts';
import { demoCoupons } from './demo-coupons.ts';

/** Creates missing demo coupons and returns their number. The worker builds their counters. */
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
      // A concurrent run has written the same row.
      if (!isDuplicateKey(error)) throw error;
    }
  }
  return createdCount;
}
