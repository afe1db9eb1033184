import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import { changedValues } from '../operators/changed-values.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { CouponCounters } from './coupon-counters.ts';
import { couponFields } from './coupon-fields.ts';
import { lockCoupons, updateCoupon } from './coupon-sql.ts';
import { type CouponEdit, type CouponEditDecision, decideCouponEdit } from './decide-coupon-edit.ts';

export interface EditCouponDependencies {
  readonly database: Database;
  readonly counters: CouponCounters;
  readonly nowMs: () => number;
}

export type EditCouponResult = CouponEditDecision | { readonly code: 'coupon_not_found' };

/**
 * Edits a coupon under its row lock, which every claim and every order with this coupon needs too. Once this
 * returns, none of them is decided by the previous version. The new version gets its own counter in Redis.
 */
export async function editCoupon(
  { database, counters, nowMs }: EditCouponDependencies,
  { couponId, actor, ...edit }: CouponEdit & { readonly couponId: string; readonly actor: Actor },
): Promise<EditCouponResult> {
  // Not rerunnable: a second run would find the version that the first one wrote.
  const options = { name: 'edit_coupon', rerunnable: false };
  const result = await database.withTransaction<EditCouponResult>(options, async (tx) => {
    const before = (await lockCoupons(tx, [couponId])).get(couponId);
    if (before === undefined) return { code: 'coupon_not_found' };
    const decision = decideCouponEdit(before, edit, new Date(nowMs()));
    if (decision.code !== 'edited') return decision;
    await updateCoupon(tx, decision.coupon);
    await recordAction(tx, actor, {
      action: 'coupon_edited',
      target: { kind: 'coupon', id: couponId },
      ...changedValues(couponFields(before), couponFields(decision.coupon)),
    });
    return decision;
  });
  if (result.code === 'edited') {
    const { couponId, version, terms, quantity, issuedCount } = result.coupon;
    const left = quantity - issuedCount;
    await counters.open({ couponId, version, validUntil: terms.validUntil, left });
  }
  return result;
}
