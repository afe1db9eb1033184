import type { Finding } from '../check-history.ts';
import type { CouponFields } from '../../history/history-line.ts';
import type { Facts } from '../facts.ts';
import type { StoredItem, StoredOrder } from '../final-state.ts';
import { orderSpan } from '../order-span.ts';
import { discountOf } from '../price-model.ts';
import { termsWithin } from '../product-terms.ts';
import { isOpenAt } from '../sale-window.ts';

/**
 * An order has exactly what belongs to it:
 * - one line per product, at a price that the product had then;
 * - the discount of its coupon;
 * - one payment of its total;
 * - only if it is cancelled, one refund of the same amount and one restock per line.
 *
 * All amounts are computed here a second time, from the history.
 */
export function ordersAddUp(facts: Facts): Finding[] {
  const { state, ordersById, itemsByOrder } = facts;
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
      ...wrongPrices(facts, order, items),
      ...wrongDiscount(facts, order),
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
  if (new Set(items.map(({ productId }) => productId)).size < items.length)
    wrong.push('two lines of a product');
  return wrong;
}

/**
 * Each line must match a version of its product that was on sale while the order was in progress, and whose
 * sale was open at the time of the order. `times-true` checks that time.
 */
function wrongPrices(facts: Facts, order: StoredOrder, items: readonly StoredItem[]): string[] {
  const span = orderSpan(facts, order);
  return items.flatMap(({ productId, name, unitPriceKrw }) => {
    const terms = termsWithin(facts.productTerms.get(productId), span);
    const isSold = terms.some(
      (each) =>
        each.status === 'ACTIVE' &&
        each.priceKrw === unitPriceKrw &&
        each.name === name &&
        isOpenAt(each, order.createdAtMs),
    );
    if (isSold) return [];
    const sold = `${productId} as ${name} at ${unitPriceKrw}, placed at ${order.createdAtMs}`;
    return [`${sold}; then it was ${JSON.stringify(terms)}`];
  });
}

/** At least one version that the coupon had while the order was in progress must explain the discount. */
function wrongDiscount(facts: Facts, order: StoredOrder): string[] {
  const { userCouponId, discountKrw } = order;
  if (userCouponId === null) return discountKrw === 0 ? [] : ['a discount without a coupon'];
  const coupon = facts.state.userCoupons.find((each) => each.userCouponId === userCouponId);
  const versions = coupon && facts.couponVersions.get(coupon.couponId);
  const possible = termsWithin(versions, orderSpan(facts, order)).map((each) => wrongWith(each, order));
  if (possible.some((wrong) => wrong.length === 0)) return [];
  return possible[0] ?? [`its coupon ${userCouponId} is of a kind that nobody knows`];
}

function wrongWith({ status, terms }: CouponFields, order: StoredOrder): string[] {
  const { subtotalKrw, discountKrw, createdAtMs } = order;
  const wrong: string[] = status === 'STOPPED' ? ['its coupon was stopped'] : [];
  const due = discountOf(terms, subtotalKrw);
  if (discountKrw !== due) wrong.push(`a discount of ${discountKrw}, its coupon gives ${due}`);
  if (subtotalKrw < terms.minimumOrderKrw) wrong.push(`its coupon counts from ${terms.minimumOrderKrw}`);
  if (createdAtMs < terms.validFromMs || createdAtMs >= terms.validUntilMs) {
    wrong.push(
      `placed at ${createdAtMs}, its coupon is valid from ${terms.validFromMs} until ${terms.validUntilMs}`,
    );
  }
  return wrong;
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
