import type { Database } from '../platform/mysql/database.ts';
import { countIssued, lockCoupons } from './coupon-sql.ts';
import { type CouponClaim, decideIssues, type IssueResult } from './decide-issues.ts';
import { findHoldings, insertUserCoupons } from './user-coupon-sql.ts';

/**
 * Issues coupons in one transaction and returns one result per claim, in the same order. This decides who has
 * a coupon; Redis never does. All claims of a hot coupon wait for its one row, so claims that arrive together
 * share its lock and one commit. Locks coupons, ascending, then writes user_coupons.
 *
 * Throws OperationalError; repeating the same claims is then safe and returns the outcome.
 */
export async function recordIssues(
  { database, nowMs }: { readonly database: Database; readonly nowMs: () => number },
  claims: readonly CouponClaim[],
): Promise<readonly IssueResult[]> {
  return database.withTransaction({ name: 'issue_coupons', rerunnable: true }, async (tx) => {
    const coupons = await lockCoupons(
      tx,
      claims.map(({ couponId }) => couponId),
    );
    const held = await findHoldings(tx, claims);
    const { results, issued } = decideIssues({ coupons, held, at: new Date(nowMs()) }, claims);
    if (issued.length > 0) {
      const byCoupon = Map.groupBy(issued, ({ couponId }) => couponId);
      await countIssued(tx, new Map([...byCoupon].map(([couponId, { length }]) => [couponId, length])));
      await insertUserCoupons(tx, issued);
    }
    return results;
  });
}
