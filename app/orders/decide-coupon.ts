/**
 * Whether a coupon counts for an order, and what it takes off. Pure. When several reasons speak against it, the
 * first of this table counts:
 *
 * | precedence | reason          | when                                                               |
 * |-----------:|-----------------|--------------------------------------------------------------------|
 * | 1          | `not_found`     | there is no such coupon, or it belongs to someone else             |
 * | 2          | `used`          | another order has it, one earlier in the same group included       |
 * | 3          | `stopped`       | an admin has stopped the coupon                                    |
 * | 4          | `not_yet_valid` | the order comes before the first moment of its validity            |
 * | 5          | `expired`       | the order comes at or after the end of its validity                |
 * | 6          | `below_minimum` | the subtotal is below the coupon's minimum order                   |
 *
 * FIXED takes its amount off, at most the whole subtotal. PERCENT takes its share off, rounded down to whole KRW
 * and capped.
 */
export function decideCoupon(
  coupon: UserCouponState | undefined,
  order: { readonly userId: string; readonly subtotalKrw: number; readonly at: Date },
): CouponDecision {
  const { subtotalKrw, at } = order;
  if (coupon === undefined || coupon.userId !== order.userId) return { reason: 'not_found' };
  if (coupon.status === 'USED') return { reason: 'used' };
  if (coupon.isStopped) return { reason: 'stopped' };
  const { terms } = coupon;
  if (at < terms.validFrom) return { reason: 'not_yet_valid' };
  if (at >= terms.validUntil) return { reason: 'expired' };
  if (subtotalKrw < terms.minimumOrderKrw)
    return { reason: 'below_minimum', minimumOrderKrw: terms.minimumOrderKrw };
  // A subtotal is at most 5e13 KRW, so its hundredfold is still a safe integer.
  const fullKrw =
    terms.kind === 'FIXED'
      ? terms.amountKrw
      : Math.min(terms.discountMaxKrw, Math.floor((subtotalKrw * terms.percent) / 100));
  return { discountKrw: Math.min(subtotalKrw, fullKrw) };
}

export const couponRefusals = [
  'not_found',
  'used',
  'stopped',
  'not_yet_valid',
  'expired',
  'below_minimum',
] as const;

export type CouponRefusal =
  | { readonly reason: Exclude<(typeof couponRefusals)[number], 'below_minimum'> }
  | { readonly reason: 'below_minimum'; readonly minimumOrderKrw: number };

export type CouponDecision = CouponRefusal | { readonly discountKrw: number };

export type CouponTerms = {
  readonly minimumOrderKrw: number;
  /** The first moment at which it counts. */
  readonly validFrom: Date;
  /** The first moment at which it no longer counts. */
  readonly validUntil: Date;
} & (
  | { readonly kind: 'FIXED'; readonly amountKrw: number }
  | { readonly kind: 'PERCENT'; readonly percent: number; readonly discountMaxKrw: number }
);

/** A coupon in a user's hand. */
export interface UserCouponState {
  readonly userId: string;
  readonly status: 'ISSUED' | 'USED';
  /** An admin has stopped the coupon for all holders. */
  readonly isStopped: boolean;
  readonly terms: CouponTerms;
}
