/** What a coupon takes off and when. Fixed once one is issued, except that validUntil may become later. */
export type CouponTerms = {
  /** Subtotal from which it counts. */
  readonly minimumOrderKrw: number;
  /** The first moment at which it can be had and used. */
  readonly validFrom: Date;
  /** The first moment at which it no longer can. */
  readonly validUntil: Date;
} & CouponDiscount;

export type CouponDiscount =
  | { readonly kind: 'FIXED'; readonly amountKrw: number }
  | { readonly kind: 'PERCENT'; readonly percent: number; readonly discountMaxKrw: number };

export interface Coupon {
  readonly couponId: string;
  readonly name: string;
  readonly terms: CouponTerms;
  readonly quantity: number;
  /** As last committed; never more than the quantity. */
  readonly issuedCount: number;
  /** When an admin stopped it: no claim, no use. Undefined while it counts. */
  readonly stoppedAt: Date | undefined;
  /** Edits so far, from 1. Issuing does not count. */
  readonly version: number;
  readonly createdAt: Date;
}

/** A coupon in a user's hand. */
export interface UserCoupon {
  readonly userCouponId: string;
  readonly couponId: string;
  readonly userId: string;
  readonly status: 'ISSUED' | 'USED';
}
