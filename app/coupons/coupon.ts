/** A coupon's discount and validity. Fixed once one is issued, except that validUntil may become later. */
export type CouponTerms = {
  /** Minimum subtotal for the coupon to apply. */
  readonly minimumOrderKrw: number;
  /** The first moment at which the coupon can be claimed and used. */
  readonly validFrom: Date;
  /** The first moment at which it can no longer be claimed or used. */
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
  /** Number of issues in the last commit; never more than the quantity. */
  readonly issuedCount: number;
  /** When an admin stopped the coupon, which can then neither be claimed nor used. Undefined otherwise. */
  readonly stoppedAt: Date | undefined;
  /** Starts at 1 and is raised by every edit. Issuing does not raise it. */
  readonly version: number;
  readonly createdAt: Date;
}

/** A coupon issued to a customer. */
export interface UserCoupon {
  readonly userCouponId: string;
  readonly couponId: string;
  readonly userId: string;
  readonly status: 'ISSUED' | 'USED';
}
