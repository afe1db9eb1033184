import { insertCartRemovals } from '../carts/cart-removal-sql.ts';
import { readProductTerms } from '../catalogue/product-sql.ts';
import { lockStock, updateStock } from '../catalogue/stock-sql.ts';
import { findCouponIds, lockUserCoupons, markCouponsUsed } from '../coupons/user-coupon-sql.ts';
import { orderCompletedEvent } from '../events/order-event.ts';
import { insertOutboxEvents, type OutboxEvent } from '../events/outbox-sql.ts';
import type { Database, Transaction } from '../platform/mysql/database.ts';
import { insertWalletEntries, lockWallets, updateWallets } from '../wallet/wallet-sql.ts';
import {
  evaluateOrders,
  type Evaluation,
  type OrderRequest,
  type OrderSnapshot,
  pairKey,
  type Rejection,
} from './evaluate-orders.ts';
import type { Order } from './order.ts';
import { findEarlierOrders, findOrder, insertOrders, readUnitsHeld } from './order-sql.ts';

export interface PlaceOrdersDependencies {
  readonly database: Database;
  readonly nowMs: () => number;
  /** How long the relay leaves the events of these orders alone, while `publish` has them. */
  readonly outboxGraceMs: number;
  /** Takes the events once they are committed; must not throw or wait. */
  readonly publish: (events: readonly OutboxEvent[]) => void;
}

/** What became of one order. */
export type PlacedOrder =
  | { readonly code: 'placed'; readonly order: Order; readonly replayed: boolean }
  | Rejection;

/** This order failed for a reason of its own, such as rows that contradict each other; those beside it did not. */
export class OrderCrashed extends Error {
  constructor(cause: unknown) {
    super('an order could not be evaluated', { cause });
    this.name = 'OrderCrashed';
  }
}

/**
 * Places orders in one transaction and returns one result each, in the same order. When it returns, everything
 * is committed: stock and balances deducted, orders, ledger entries and events written, or, for a rejected
 * order, nothing at all. A key that was used before gives the order that it made then.
 *
 * Locks product_stock, then wallets, each ascending by primary key (`SELECT … FOR UPDATE`); the look-up of the
 * keys runs under them. Coupons that new orders name come last, their definitions in share mode and then the users'
 * own; a group without any pays nothing for them.
 * Throws OperationalError `busy_retry` or `dependency_unavailable`; the same request with the same key is then safe
 * to repeat and finds out what happened.
 */
export async function placeOrders(
  dependencies: PlaceOrdersDependencies,
  requests: readonly OrderRequest[],
): Promise<(PlacedOrder | OrderCrashed)[]> {
  const { database, nowMs, outboxGraceMs, publish } = dependencies;
  const { results, events } = await database.withTransaction(
    { name: 'place_orders', rerunnable: true },
    async (tx) => {
      const snapshot = await lockSnapshot(tx, requests, nowMs);
      const evaluation = evaluateOrders(snapshot, requests);
      const createdAt = snapshot.at;
      const accepted = evaluation.results.flatMap((result) =>
        result.code === 'accepted' ? [{ ...result.order, status: 'COMPLETED' as const, createdAt }] : [],
      );
      const placed = new Map(accepted.map((order) => [order.orderId, orderOf(order)]));
      const events = accepted.map(outboxEventOf);
      const earlier = new Map<string, Order>();
      const readEarlier = evaluation.results.map(async (result) => {
        if (result.code !== 'replayed' || placed.has(result.orderId)) return;
        const order = await findOrder(tx.read, result.orderId);
        if (order !== undefined) earlier.set(result.orderId, order);
      });
      await Promise.all(readEarlier);
      if (accepted.length > 0) {
        await Promise.all([
          writeDeductions(tx, snapshot, evaluation),
          writeOrders(tx, accepted),
          markCouponsUsed(tx, accepted.flatMap(couponUseOf), createdAt),
          insertOutboxEvents(tx, events, outboxGraceMs),
          insertCartRemovals(
            tx,
            requests.filter(({ fromCart, orderId }) => fromCart !== undefined && placed.has(orderId)),
          ),
          tx.commitWithLast(),
        ]);
      }
      const results = evaluation.results.map((result, index): PlacedOrder | OrderCrashed => {
        if (result.code === 'accepted') {
          return { code: 'placed', order: placed.get(result.order.orderId) as Order, replayed: false };
        }
        if (result.code === 'crashed') return new OrderCrashed(result.error);
        if (result.code !== 'replayed') return result;
        const order = placed.get(result.orderId) ?? earlier.get(result.orderId);
        if (order === undefined) return new OrderCrashed('an order found by its key could not be read');
        // Not a replay when it is this request's own order, committed by an earlier run of the transaction.
        const replayed = result.orderId !== requests[index]?.orderId;
        // The answer of then, even if the order has been cancelled since.
        return { code: 'placed', order: { ...order, status: 'COMPLETED' }, replayed };
      });
      return { results, events };
    },
  );
  publish(events);
  return results;
}

/** Without what it was asked by: the same as when it is read back. */
function orderOf(placed: NewOrder): Order {
  const { orderId, userId, status, items, subtotalKrw, discountKrw, totalKrw, ...rest } = placed;
  const { userCouponId, balanceAfterKrw, balanceSeq, createdAt } = rest;
  return {
    orderId,
    userId,
    status,
    items,
    subtotalKrw,
    discountKrw,
    totalKrw,
    userCouponId,
    balanceAfterKrw,
    balanceSeq,
    createdAt,
  };
}

function couponUseOf({ orderId, userCouponId }: Order): { userCouponId: string; orderId: string }[] {
  return userCouponId === undefined ? [] : [{ userCouponId, orderId }];
}

function outboxEventOf(order: Order): OutboxEvent {
  const event = orderCompletedEvent(order);
  return { eventId: event.id, type: event.type, payload: JSON.stringify(event) };
}

async function lockSnapshot(
  tx: Transaction,
  requests: readonly OrderRequest[],
  nowMs: () => number,
): Promise<OrderSnapshot> {
  const productIds = [...new Set(requests.flatMap(({ lines }) => lines.map(({ productId }) => productId)))];
  // In this order, in one round trip.
  const [stock, wallets, earlier, products, couponIds] = await Promise.all([
    lockStock(tx, productIds),
    lockWallets(
      tx,
      requests.map(({ userId }) => userId),
    ),
    findEarlierOrders(tx, requests),
    readProductTerms(tx, productIds),
    findCouponIds(
      tx,
      requests.flatMap(({ userCouponId }) => userCouponId ?? []),
    ),
  ]);
  // A replay needs no limits, and reading them takes longer the more a user has bought.
  const fresh = requests.filter(
    ({ userId, idempotencyKey }) => !earlier.has(pairKey(userId, idempotencyKey)),
  );
  const limited = fresh.flatMap(({ userId, lines }) =>
    lines
      .filter(({ productId }) => products.get(productId)?.purchaseLimit !== undefined)
      .map(({ productId }) => ({ userId, productId })),
  );
  const named = new Map(
    fresh.flatMap(({ userCouponId = '' }) => {
      const couponId = couponIds.get(userCouponId);
      return couponId === undefined ? [] : [[userCouponId, couponId] as const];
    }),
  );
  const [unitsHeld, userCoupons] = await Promise.all([
    readUnitsHeld(tx.read, limited),
    lockUserCoupons(tx, named),
  ]);
  return { products, stock, wallets, earlier, unitsHeld, userCoupons, at: new Date(nowMs()) };
}

async function writeDeductions(tx: Transaction, before: OrderSnapshot, after: Evaluation): Promise<void> {
  await Promise.all([
    updateStock(
      tx,
      changes(before.stock, after.stock).map(([productId, was, is]) => ({
        before: { productId, ...was },
        after: { productId, ...is },
      })),
    ),
    updateWallets(
      tx,
      changes(before.wallets, after.wallets).map(([userId, was, is]) => ({
        before: { userId, ...was },
        after: { userId, ...is },
      })),
    ),
  ]);
}

/** Entries that are not the same object as before. */
function changes<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): [id: string, was: T, is: T][] {
  return [...after].flatMap(([id, is]) => {
    const was = before.get(id);
    return was === undefined || was === is ? [] : [[id, was, is] as [string, T, T]];
  });
}

type NewOrder = Parameters<typeof insertOrders>[1][number];

async function writeOrders(tx: Transaction, orders: readonly NewOrder[]): Promise<void> {
  await Promise.all([
    insertOrders(tx, orders),
    insertWalletEntries(
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
    ),
  ]);
}
