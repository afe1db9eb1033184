import { krw } from '../../shared/format.ts';
import type { DiscountTerms } from '../checkout/discount.ts';
import { words } from '../words/shop-words.ts';

/** A coupon's discount in words. */
export function couponTerms({ discount }: Pick<DiscountTerms, 'discount'>): string {
  const said = words.value.coupons;
  return discount.kind === 'FIXED'
    ? said.fixed(krw(discount.amount))
    : said.percent(discount.percent, krw(discount.max));
}
