import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/**
 * Orders that are not cancelled never contain more units than there ever were. Counted without the chains.
 */
export function noOversell({ begin, state, ordersById }: Facts): Finding[] {
  const opening = new Map(begin.shop.products.map(({ productId, stockSeq }) => [productId, stockSeq]));
  const entered = new Map<string, number>();
  for (const { productId, quantity } of begin.shop.products) entered.set(productId, quantity);
  for (const { productId, seq, kind, delta } of state.stockEntries) {
    const isLater = seq > (opening.get(productId) ?? 0);
    if (isLater && kind !== 'RESTOCK') entered.set(productId, (entered.get(productId) ?? 0) + delta);
  }
  const sold = new Map<string, number>();
  for (const { orderId, productId, quantity, stockSeq } of state.orderItems) {
    const isLater = stockSeq > (opening.get(productId) ?? 0);
    if (!isLater || ordersById.get(orderId)?.status === 'CANCELLED') continue;
    sold.set(productId, (sold.get(productId) ?? 0) + quantity);
  }
  return [...sold].flatMap(([productId, units]): Finding[] => {
    const had = entered.get(productId) ?? 0;
    return units <= had ? [] : [{ detail: `product ${productId}: ${units} units sold of ${had}` }];
  });
}
