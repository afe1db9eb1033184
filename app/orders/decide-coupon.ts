import type { CouponTerms } from '../coupons/coupon.ts';

/**
 * Decides whether a coupon applies to an order, and its discount. Pure. If several reasons speak against the
 * coupon, the first in this table wins:
 *
 * | precedence | reason          | when                                                               |
 * |-----------:|-----------------|--------------------------------------------------------------------|
 * | 1          | `not_found`     | the coupon does not exist or belongs to another customer           |
 * | 2          | `used`          | another order has used it, including one earlier in the same group |
 * | 3          | `stopped`       | an admin has stopped the coupon                                    |
 * | 4          | `not_yet_valid` | the order is placed before `validFrom`                             |
 * | 5          | `expired`       | the order is placed at or after `validUntil`                       |
 * | 6          | `below_minimum` | the subtotal is below the coupon's minimum order                   |
 *
 * FIXED deducts its amount, at most the subtotal. PERCENT deducts its share, rounded down to whole KRW and
 * capped.
 */
export function decideCoupon(
  coupon: UserCouponState | undefined,
  order: { readonly userId: string; readonly subtotalKrw: number; readonly at: Date },
): CouponDecision {
  const { subtotalKrw, at } = order;
  if (coupon === undefined || coupon.userId !== order.userId) return notUsable('not_found');
  if (coupon.status === 'USED') return notUsable('used');
  if (coupon.isStopped) return notUsable('stopped');
  const { terms } = coupon;
  if (at < terms.validFrom) return notUsable('not_yet_valid');
  if (at >= terms.validUntil) return notUsable('expired');
  const { minimumOrderKrw } = terms;
  if (subtotalKrw < minimumOrderKrw) {
    return { code: 'coupon_not_usable', reason: 'below_minimum', minimumOrderKrw };
  }
  // A subtotal is at most 5e13 KRW, so 100 times that is still a safe integer.
  const fullKrw =
    terms.kind === 'FIXED'
      ? terms.amountKrw
      : Math.min(terms.discountMaxKrw, Math.floor((subtotalKrw * terms.percent) / 100));
  return { code: 'discounted', discountKrw: Math.min(subtotalKrw, fullKrw) };
}

function notUsable(reason: Exclude<(typeof couponRefusals)[number], 'below_minimum'>): CouponRefusal {
  return { code: 'coupon_not_usable', reason };
}

/** The reasons, in order of precedence. */
export const couponRefusals = [
  'not_found',
  'used',
  'stopped',
  'not_yet_valid',
  'expired',
  'below_minimum',
] as const;

export type CouponRefusal = { readonly code: 'coupon_not_usable' } & (
  | { readonly reason: Exclude<(typeof couponRefusals)[number], 'below_minimum'> }
  | { readonly reason: 'below_minimum'; readonly minimumOrderKrw: number }
);

export type CouponDecision = CouponRefusal | { readonly code: 'discounted'; readonly discountKrw: number };

/** A coupon issued to a customer, as the decision needs it. */
export interface UserCouponState {
  readonly userId: string;
  readonly status: 'ISSUED' | 'USED';
  /** An admin has stopped the coupon for all holders. */
  readonly isStopped: boolean;
  readonly terms: CouponTerms;
}
