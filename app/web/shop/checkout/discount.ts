/** Terms of a coupon, as far as they decide the discount. */
export interface DiscountTerms {
  readonly discount:
    | { readonly kind: 'FIXED'; readonly amount: number }
    | { readonly kind: 'PERCENT'; readonly percent: number; readonly max: number };
  readonly minimumOrder: number;
}

/**
 * Deduction from a subtotal for a coupon: 0 below its minimum. The same rule as the shop's own; if they ever
 * differ, `expectedTotal` makes the shop refuse instead of charging another amount.
 */
export function discountOf(terms: DiscountTerms | undefined, subtotal: number): number {
  if (terms === undefined || subtotal < terms.minimumOrder) return 0;
  const { discount } = terms;
  const full =
    discount.kind === 'FIXED'
      ? discount.amount
      : Math.min(discount.max, Math.floor((subtotal * discount.percent) / 100));
  return Math.min(subtotal, full);
}
