import type { Coupon } from './coupon.ts';

/**
 * Decides whether an admin may make this edit to a locked coupon. Pure. Everything may change until the first
 * coupon is issued. Afterwards holders rely on the terms: only name, status and quantity may change, and
 * validUntil may become later. If several results apply, the first in this table wins:
 *
 * | precedence | result                  | when                                                            |
 * |-----------:|-------------------------|-----------------------------------------------------------------|
 * | 1          | `precondition_failed`   | the admin has not seen the current version                      |
 * | 2          | `terms_fixed`           | discount, minimum order or start change, or the end is earlier, |
 * |            |                         | and a coupon is issued                                          |
 * | 3          | `quantity_below_issued` | the quantity is below the number issued                         |
 * | 4          | `edited`                | none of the above                                               |
 *
 * The audit computes each order's discount from its coupon's terms, so terms of used coupons must not change.
 */
export function decideCouponEdit(
  before: Coupon,
  { fields, isStopped, hasSeen }: CouponEdit,
  at: Date,
): CouponEditDecision {
  if (!hasSeen(before.version)) return { code: 'precondition_failed' };
  if (before.issuedCount > 0) {
    const fixed = fixedFields(before, fields);
    if (fixed.length > 0) return { code: 'coupon_not_editable', reason: 'terms_fixed', fields: fixed };
  }
  if (fields.quantity < before.issuedCount) {
    return { code: 'coupon_not_editable', reason: 'quantity_below_issued', issued: before.issuedCount };
  }
  const stoppedAt = isStopped ? (before.stoppedAt ?? at) : undefined;
  return { code: 'edited', coupon: { ...before, ...fields, stoppedAt, version: before.version + 1 } };
}

export interface CouponEdit {
  readonly fields: Pick<Coupon, 'name' | 'terms' | 'quantity'>;
  readonly isStopped: boolean;
  /** True if the admin has seen this version: no edit may overwrite another one unseen. */
  readonly hasSeen: (version: number) => boolean;
}

export const couponEditRefusals = ['terms_fixed', 'quantity_below_issued'] as const;

export type CouponEditDecision =
  | { readonly code: 'edited'; readonly coupon: Coupon }
  | { readonly code: 'precondition_failed' }
  | {
      readonly code: 'coupon_not_editable';
      readonly reason: 'terms_fixed';
      readonly fields: readonly string[];
    }
  | {
      readonly code: 'coupon_not_editable';
      readonly reason: 'quantity_below_issued';
      readonly issued: number;
    };

/** Changed fields, as the API names them, that may not change once a coupon is issued. */
function fixedFields({ terms: before }: Coupon, { terms: after }: CouponEdit['fields']): string[] {
  const discountOf = ({ kind, ...terms }: Coupon['terms']) =>
    'percent' in terms ? [kind, terms.percent, terms.discountMaxKrw] : [kind, terms.amountKrw];
  return [
    ...(discountOf(before).join() === discountOf(after).join() ? [] : ['discount']),
    ...(before.minimumOrderKrw === after.minimumOrderKrw ? [] : ['minimumOrder']),
    ...(before.validFrom.getTime() === after.validFrom.getTime() ? [] : ['validFrom']),
    ...(after.validUntil >= before.validUntil ? [] : ['validUntil']),
  ];
}
