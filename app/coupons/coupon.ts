/** What a coupon takes off, for whom and when. Fixed once the coupon is made. */
export type CouponTerms = {
  /** Subtotal from which it counts. */
  readonly minimumOrderKrw: number;
  /** The first moment at which it can be had and used. */
  readonly validFrom: Date;
  /** The first moment at which it no longer can. */
  readonly validUntil: Date;
} & (
  | { readonly kind: 'FIXED'; readonly amountKrw: number }
  | { readonly kind: 'PERCENT'; readonly percent: number; readonly discountMaxKrw: number }
);

/** A coupon in a user's hand. */
export interface UserCoupon {
  readonly userCouponId: string;
  readonly couponId: string;
  readonly userId: string;
  readonly status: 'ISSUED' | 'USED';
}
