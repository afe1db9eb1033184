import type { Database } from '../platform/mysql/database.ts';
import type { Coupon } from './coupon.ts';
import type { CouponCounters } from './coupon-counters.ts';
import { lockCoupons, updateCoupon } from './coupon-sql.ts';
import { type CouponEdit, type CouponEditDecision, decideCouponEdit } from './decide-coupon-edit.ts';

export interface EditCouponDependencies {
  readonly database: Database;
  readonly counters: CouponCounters;
  readonly nowMs: () => number;
}

export type EditCouponResult = CouponEditDecision | { readonly code: 'coupon_not_found' };

/**
 * Edits a coupon under its row lock, which every claim of it and every order that uses it needs too. Once this
 * returns, none of them is decided by what the coupon was before. The new version has its own counter in Redis.
 */
export async function editCoupon(
  { database, counters, nowMs }: EditCouponDependencies,
  couponId: string,
  edit: CouponEdit,
): Promise<EditCouponResult> {
  // Not rerunnable: a second run would find the version of the first.
  const options = { name: 'edit_coupon', rerunnable: false };
  const result = await database.withTransaction<EditCouponResult>(options, async (tx) => {
    const before = (await lockCoupons(tx, [couponId])).get(couponId);
    if (before === undefined) return { code: 'coupon_not_found' };
    const decision = decideCouponEdit(before, edit, new Date(nowMs()));
    if (decision.code === 'edited') await updateCoupon(tx, decision.coupon);
    return decision;
  });
  if (result.code === 'edited') {
    const { couponId, version, terms, quantity, issuedCount } = result.coupon;
    const left = quantity - issuedCount;
    await counters.open({ couponId, version, validUntil: terms.validUntil, left, isNew: false });
  }
  return result;
}

/**
 * Stops a coupon: no claim and no order with it is accepted afterwards. A stopped coupon stays as it is, so the call
 * may be repeated. Only an edit puts it back.
 */
export async function stopCoupon(
  { database, nowMs }: EditCouponDependencies,
  couponId: string,
): Promise<{ readonly code: 'stopped'; readonly coupon: Coupon } | { readonly code: 'coupon_not_found' }> {
  return database.withTransaction({ name: 'stop_coupon', rerunnable: true }, async (tx) => {
    const before = (await lockCoupons(tx, [couponId])).get(couponId);
    if (before === undefined) return { code: 'coupon_not_found' };
    if (before.stoppedAt !== undefined) return { code: 'stopped', coupon: before };
    const coupon = { ...before, stoppedAt: new Date(nowMs()), version: before.version + 1 };
    await updateCoupon(tx, coupon);
    return { code: 'stopped', coupon };
  });
}
