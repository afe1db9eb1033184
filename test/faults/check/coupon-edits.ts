import type { CouponTerms } from '../history/history-line.ts';

/**
 * Names, as in the API, of changed fields that are fixed once a coupon is issued. Only the end may become
 * later.
 */
export function fixedFields(before: CouponTerms, after: CouponTerms): string[] {
  const isSameDiscount =
    before.kind === after.kind && before.amountKrw === after.amountKrw && before.percent === after.percent;
  return [
    ...(isSameDiscount ? [] : ['discount']),
    ...(before.minimumOrderKrw === after.minimumOrderKrw ? [] : ['minimumOrder']),
    ...(before.validFromMs === after.validFromMs ? [] : ['validFrom']),
    ...(before.validUntilMs <= after.validUntilMs ? [] : ['validUntil']),
  ];
}
