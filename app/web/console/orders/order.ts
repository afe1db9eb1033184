import type { Answer } from '../../client/rowlock-client.ts';

export type AdminOrder = Answer<'listAllOrders'>['data'][number];
export type OrderTrace = Answer<'traceOrder'>;
export type StockChange = OrderTrace['stockChanges'][number];

export type SumPart = 'subtotal' | 'total' | 'payment' | 'stock';

/** What of an order's records contradicts the rest; empty if everything adds up. */
export function contradictionsOf(order: OrderTrace): SumPart[] {
  const lines = order.items.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
  const paid = order.ledger.find(({ kind }) => kind === 'PAYMENT')?.amount ?? 0;
  const isSold = order.items.every(({ productId, quantity, stockSeq }) =>
    order.stockChanges.some(
      (change) =>
        change.kind === 'SALE' &&
        change.productId === productId &&
        change.delta === -quantity &&
        change.seq === stockSeq,
    ),
  );
  return [
    ...(lines === order.subtotal ? [] : ['subtotal' as const]),
    ...(order.subtotal - order.discount === order.total ? [] : ['total' as const]),
    ...(Math.abs(paid) === order.total ? [] : ['payment' as const]),
    ...(isSold ? [] : ['stock' as const]),
  ];
}
