import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import { changedValues } from '../operators/changed-values.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Coupon } from './coupon.ts';
import { couponFields } from './coupon-fields.ts';
import { lockCoupons, updateCoupon } from './coupon-sql.ts';

export type StopCouponResult =
  | { readonly code: 'stopped'; readonly coupon: Coupon }
  | { readonly code: 'coupon_not_found' };

/**
 * Stops a coupon: afterwards no claim and no order with it is accepted. A stopped coupon stays unchanged, so
 * the call is safe to repeat. Only an edit restores it.
 */
export async function stopCoupon(
  { database, nowMs }: { readonly database: Database; readonly nowMs: () => number },
  { couponId, actor }: { readonly couponId: string; readonly actor: Actor },
): Promise<StopCouponResult> {
  return database.withTransaction({ name: 'stop_coupon', rerunnable: true }, async (tx) => {
    const before = (await lockCoupons(tx, [couponId])).get(couponId);
    if (before === undefined) return { code: 'coupon_not_found' };
    if (before.stoppedAt !== undefined) return { code: 'stopped', coupon: before };
    const coupon = { ...before, stoppedAt: new Date(nowMs()), version: before.version + 1 };
    await updateCoupon(tx, coupon);
    await recordAction(tx, actor, {
      action: 'coupon_stopped',
      target: { kind: 'coupon', id: couponId },
      ...changedValues(couponFields(before), couponFields(coupon)),
    });
    return { code: 'stopped', coupon };
  });
}
