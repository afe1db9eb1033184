import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import type { StoredItem, StoredOrder } from '../final-state.ts';

/**
 * An order has what belongs to it and nothing else: lines at the prices of their products that make its amounts, one payment of its total, and for a cancelled
 * one, and only for it, one refund of as much and one restock of each line.
 */
export function ordersAddUp(facts: Facts): Finding[] {
  const { begin, state, ordersById, itemsByOrder } = facts;
  // Nothing in a run changes one.
  const prices = new Map(begin.shop.products.map(({ productId, priceKrw }) => [productId, priceKrw]));
  const entriesByOrder = Map.groupBy(state.walletEntries, ({ orderId }) => orderId);
  const restocksByOrder = Map.groupBy(
    state.stockEntries.filter(({ kind }) => kind === 'RESTOCK'),
    ({ orderId }) => orderId,
  );
  const strays = [...itemsByOrder.keys(), ...entriesByOrder.keys(), ...restocksByOrder.keys()]
    .filter((orderId) => orderId !== null && !ordersById.has(orderId))
    .map((orderId): Finding => ({ detail: `lines or entries of order ${orderId}, which is not there` }));
  const wrong = state.orders.flatMap((order): Finding[] => {
    const items = itemsByOrder.get(order.orderId) ?? [];
    const restocks = restocksByOrder.get(order.orderId) ?? [];
    const entries = entriesByOrder.get(order.orderId) ?? [];
    return [
      ...wrongAmounts(order, items),
      ...wrongPrices(items, prices),
      ...wrongEntries(order, entries),
      ...wrongRestocks(order, items, restocks),
    ].map((detail) => ({ detail: `order ${order.orderId}: ${detail}` }));
  });
  return [...strays, ...wrong];
}

function wrongAmounts(order: StoredOrder, items: readonly StoredItem[]): string[] {
  const subtotalKrw = items.reduce((sum, { unitPriceKrw, quantity }) => sum + unitPriceKrw * quantity, 0);
  const wrong: string[] = [];
  if (items.length === 0) wrong.push('it has no lines');
  if (items.some(({ quantity }) => quantity <= 0)) wrong.push('a line has no units');
  if (order.subtotalKrw !== subtotalKrw) wrong.push(`subtotal ${order.subtotalKrw}, lines ${subtotalKrw}`);
  if (order.totalKrw !== order.subtotalKrw - order.discountKrw) wrong.push('the total is not the difference');
  if (order.discountKrw !== 0 && order.userCouponId === null) wrong.push('a discount without a coupon');
  return wrong;
}

function wrongPrices(items: readonly StoredItem[], prices: ReadonlyMap<string, number>): string[] {
  return items
    .filter(({ productId, unitPriceKrw }) => unitPriceKrw !== prices.get(productId))
    .map(
      ({ productId, unitPriceKrw }) =>
        `${productId} at ${unitPriceKrw}, its price is ${prices.get(productId) ?? 'not known'}`,
    );
}

function wrongEntries(order: StoredOrder, entries: Facts['state']['walletEntries']): string[] {
  const payments = entries.filter(({ kind }) => kind === 'PAYMENT');
  const refunds = entries.filter(({ kind }) => kind === 'REFUND');
  const wrong: string[] = [];
  if (payments.length !== 1) wrong.push(`${payments.length} payments`);
  for (const { userId, seq, amountKrw, balanceAfterKrw } of payments) {
    if (userId !== order.userId || seq !== order.balanceSeq || balanceAfterKrw !== order.balanceAfterKrw) {
      wrong.push(`its payment stands elsewhere: ${userId} seq ${seq} leaving ${balanceAfterKrw}`);
    }
    if (amountKrw !== -order.totalKrw) wrong.push(`total ${order.totalKrw}, paid ${-amountKrw}`);
  }
  const refundsMax = order.status === 'CANCELLED' ? 1 : 0;
  if (refunds.length !== refundsMax) wrong.push(`${order.status} with ${refunds.length} refunds`);
  for (const { userId, amountKrw } of refunds) {
    if (userId !== order.userId || amountKrw !== order.totalKrw)
      wrong.push(`refunded ${amountKrw} to ${userId}`);
  }
  return wrong;
}

function wrongRestocks(
  order: StoredOrder,
  items: readonly StoredItem[],
  restocks: Facts['state']['stockEntries'],
): string[] {
  const list = (rows: readonly { productId: string; units: number }[]) =>
    rows
      .map(({ productId, units }) => `${productId} ${units}`)
      .toSorted()
      .join(', ');
  const due = order.status === 'CANCELLED' ? items : [];
  const expected = list(due.map(({ productId, quantity }) => ({ productId, units: quantity })));
  const found = list(restocks.map(({ productId, delta }) => ({ productId, units: delta })));
  return expected === found ? [] : [`${order.status}, restocked [${found}] instead of [${expected}]`];
}
