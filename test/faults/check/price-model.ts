import type { CouponTerms } from '../history/history-line.ts';

/**
 * A second implementation of the shop's arithmetic, from its documentation and not from its code. Amounts are
 * whole KRW. A percentage is rounded down and capped. The discount never exceeds the amount to pay.
 */
export function discountOf(terms: CouponTerms, subtotalKrw: number): number {
  if (terms.kind === 'FIXED') return Math.min(terms.amountKrw, subtotalKrw);
  const hundredfold = subtotalKrw * (terms.percent ?? 0);
  const share = (hundredfold - (hundredfold % 100)) / 100;
  return Math.min(share, terms.amountKrw, subtotalKrw);
}

/** Units of each product, in the order in which the lines first name the products. */
export function unitsByProduct(
  lines: readonly { readonly productId: string; readonly quantity: number }[],
): Map<string, number> {
  const units = new Map<string, number>();
  for (const { productId, quantity } of lines) units.set(productId, (units.get(productId) ?? 0) + quantity);
  return units;
}

/** Maximum different totals to enumerate. */
const TOTALS_MAX = 500;

/**
 * Every subtotal that these units may have had, given the prices that each product may have had. Undefined if
 * a product has no price or if there are too many subtotals.
 */
export function subtotalsOf(
  units: ReadonlyMap<string, number>,
  pricesOf: (productId: string) => readonly number[],
): ReadonlySet<number> | undefined {
  let sums: ReadonlySet<number> = new Set([0]);
  for (const [productId, quantity] of units) {
    const prices = pricesOf(productId);
    if (prices.length === 0) return undefined;
    sums = new Set([...sums].flatMap((sum) => prices.map((price) => sum + price * quantity)));
    if (sums.size > TOTALS_MAX) return undefined;
  }
  return sums;
}
