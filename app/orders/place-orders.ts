import { readProductTerms } from '../catalogue/product-sql.ts';
import { lockStock, updateStock } from '../catalogue/stock-sql.ts';
import { orderCompletedEvent } from '../events/order-event.ts';
import { insertOutboxEvents } from '../events/outbox-sql.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { insertWalletEntries, lockWallets, updateWallet } from '../wallet/wallet-sql.ts';
import {
  evaluateOrders,
  type Evaluation,
  type OrderRequest,
  type OrderSnapshot,
  type Rejection,
} from './evaluate-orders.ts';
import type { Order } from './order.ts';
import { findEarlierOrders, findOrder, insertOrders, readUnitsHeld } from './order-sql.ts';

export interface PlaceOrdersDependencies {
  readonly database: Database;
  readonly nowMs: () => number;
  /** How long the relay leaves the events of these orders alone. */
  readonly outboxGraceMs: number;
}

/** What became of one order. */
export type PlacedOrder =
  | { readonly code: 'placed'; readonly order: Order; readonly replayed: boolean }
  | Rejection;

/**
 * Places orders in one transaction and returns one result each, in the same order. When it returns, everything
 * is committed: stock and balances deducted, orders, ledger entries and events written, or, for a rejected
 * order, nothing at all. A key that was used before gives the order that it made then.
 *
 * Locks product_stock, then wallets, each ascending by primary key (`SELECT … FOR UPDATE`); the look-up of the
 * keys runs under them. Throws OperationalError `busy_retry` or `dependency_unavailable`; the same request with
 * the same key is then safe to repeat and finds out what happened.
 */
export async function placeOrders(
  dependencies: PlaceOrdersDependencies,
  requests: readonly OrderRequest[],
): Promise<PlacedOrder[]> {
  const { database, nowMs, outboxGraceMs } = dependencies;
  return database.withTransaction({ name: 'place_orders', rerunnable: true }, async (tx) => {
    const snapshot = await lockSnapshot(tx, requests);
    const evaluation = evaluateOrders(snapshot, requests);
    const createdAt = new Date(nowMs());
    const placed = new Map(
      evaluation.results.flatMap((result) =>
        result.code === 'accepted'
          ? [[result.order.orderId, { ...result.order, status: 'COMPLETED' as const, createdAt }] as const]
          : [],
      ),
    );
    if (placed.size > 0) {
      await writeDeductions(tx, snapshot, evaluation);
      await writeOrders(tx, [...placed.values()], outboxGraceMs);
    }
    return Promise.all(
      evaluation.results.map(async (result): Promise<PlacedOrder> => {
        if (result.code === 'accepted') {
          return { code: 'placed', order: placed.get(result.order.orderId) as Order, replayed: false };
        }
        if (result.code !== 'replayed') return result;
        const order = placed.get(result.orderId) ?? (await findOrder(tx.read, result.orderId));
        if (order === undefined) throw new Error('an order found by its key could not be read');
        return { code: 'placed', order, replayed: true };
      }),
    );
  });
}

async function lockSnapshot(tx: Transaction, requests: readonly OrderRequest[]): Promise<OrderSnapshot> {
  const productIds = [...new Set(requests.flatMap(({ lines }) => lines.map(({ productId }) => productId)))];
  const stock = await lockStock(tx, productIds);
  const wallets = await lockWallets(
    tx,
    requests.map(({ userId }) => userId),
  );
  const earlier = await findEarlierOrders(tx, requests);
  const products = await readProductTerms(tx, productIds);
  const unitsHeld = new Map<string, number>();
  for (const { userId, lines } of requests) {
    const limited = lines
      .map(({ productId }) => productId)
      .filter((id) => products.get(id)?.purchaseLimit !== undefined);
    for (const [key, units] of await readUnitsHeld(tx, userId, limited)) unitsHeld.set(key, units);
  }
  return { products, stock, wallets, earlier, unitsHeld };
}

async function writeDeductions(tx: Transaction, before: OrderSnapshot, after: Evaluation): Promise<void> {
  for (const [productId, stock] of after.stock) {
    const was = before.stock.get(productId);
    if (was !== undefined && was !== stock)
      await updateStock(tx, { productId, ...was }, { productId, ...stock });
  }
  for (const [userId, wallet] of after.wallets) {
    const was = before.wallets.get(userId);
    if (was !== undefined && was !== wallet)
      await updateWallet(tx, { userId, ...was }, { userId, ...wallet });
  }
}

type NewOrder = Parameters<typeof insertOrders>[1][number];

async function writeOrders(
  tx: Transaction,
  orders: readonly NewOrder[],
  outboxGraceMs: number,
): Promise<void> {
  await insertOrders(tx, orders);
  await insertWalletEntries(
    tx,
    orders.map((order) => ({
      userId: order.userId,
      seq: order.balanceSeq,
      kind: 'PAYMENT',
      amountKrw: -order.totalKrw,
      balanceAfterKrw: order.balanceAfterKrw,
      orderId: order.orderId,
      createdAt: order.createdAt,
    })),
  );
  const events = orders.map(orderCompletedEvent);
  await insertOutboxEvents(
    tx,
    events.map((event) => ({ eventId: event.id, type: event.type, payload: JSON.stringify(event) })),
    outboxGraceMs,
  );
}
