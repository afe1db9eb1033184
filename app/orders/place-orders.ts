import { insertCartRemovals } from '../carts/cart-removal-sql.ts';
import { readProductTerms } from '../catalogue/product-sql.ts';
import { lockStock, updateStock } from '../catalogue/stock-sql.ts';
import { findCouponIds, lockUserCoupons, markCouponsUsed } from '../coupons/user-coupon-sql.ts';
import { type EventsFormat, orderCompletedEvent } from '../events/order-event.ts';
import { insertOutboxEvents, type OutboxEvent } from '../events/outbox-sql.ts';
import type { Database, Transaction } from '../platform/mysql/database.ts';
import { insertWalletEntries, lockWallets, updateWallets } from '../wallet/wallet-sql.ts';
import { isDuplicateKey } from '../platform/mysql/database-errors.ts';
import {
  type EarlierOrder,
  evaluateOrders,
  type Evaluation,
  type OrderRequest,
  type OrderSnapshot,
  pairKey,
  type Rejection,
} from './evaluate-orders.ts';
import type { KeyLookups } from './key-lookups.ts';
import type { Order } from './order.ts';
import { findEarlierOrders, findOrder, insertOrders, readUnitsHeld } from './order-sql.ts';

export interface PlaceOrdersDependencies {
  readonly database: Database;
  readonly nowMs: () => number;
  /** How long the relay skips the events of these orders, so that `publish` can send them first. */
  readonly outboxGraceMs: number;
  readonly eventsFormat: EventsFormat;
  readonly keyLookups: KeyLookups;
  /** Receives the events after the commit. Must not throw or block. */
  readonly publish: (events: readonly OutboxEvent[]) => void;
}

export type PlacedOrder =
  | { readonly code: 'placed'; readonly order: Order; readonly replayed: boolean }
  | Rejection;

/** One order of a group failed for its own reason, such as contradictory rows. Others are unaffected. */
export class OrderCrashed extends Error {
  constructor(cause: unknown) {
    super('an order could not be evaluated', { cause });
    this.name = 'OrderCrashed';
  }
}

/**
 * Places orders in one transaction and returns one result per order, in the same order. When it returns,
 * everything is committed: stock and balances deducted; orders, ledger entries and events written. A rejected
 * order writes nothing. A key that was used before returns the order that it placed then.
 *
 * Locks product_stock, then wallets, each ascending by primary key (`SELECT … FOR UPDATE`); a lookup of the
 * keys runs under these locks. Coupons named by new orders are locked last: their definitions in share mode,
 * then the users' own coupons. A group without coupons pays nothing for this.
 *
 * Throws OperationalError `busy_retry` or `dependency_unavailable`. Repeating the same request with the same
 * key is then safe and returns the outcome.
 */
export async function placeOrders(
  dependencies: PlaceOrdersDependencies,
  requests: readonly OrderRequest[],
): Promise<(PlacedOrder | OrderCrashed)[]> {
  const { keyLookups, publish } = dependencies;
  // A replay must not lock its coupon, which others may be waiting for.
  const looksUp = keyLookups.takeTurn() || requests.some(({ userCouponId }) => userCouponId !== undefined);
  let placed: PlacedGroup;
  try {
    placed = await placeGroup(dependencies, requests, looksUp);
  } catch (error) {
    if (looksUp || !isDuplicateKey(error)) throw error;
    // A key was used before: nothing of the group was written.
    placed = await placeGroup(dependencies, requests, true);
  }
  if (!placed.isNew) keyLookups.mattered();
  publish(placed.events);
  return placed.results;
}

interface PlacedGroup {
  readonly results: (PlacedOrder | OrderCrashed)[];
  readonly events: readonly OutboxEvent[];
  /** Every order was accepted under a new key. */
  readonly isNew: boolean;
}

/** Throws the driver's error for a duplicate key if `looksUp` is false and a key was used before. */
async function placeGroup(
  { database, nowMs, outboxGraceMs, eventsFormat }: PlaceOrdersDependencies,
  requests: readonly OrderRequest[],
  looksUp: boolean,
): Promise<PlacedGroup> {
  return database.withTransaction({ name: 'place_orders', rerunnable: true }, async (tx) => {
    const { snapshot, evaluation, isNew } = await evaluateLocked(tx, requests, nowMs, looksUp);
    const createdAt = snapshot.at;
    const accepted = evaluation.results.flatMap((result) =>
      result.code === 'accepted' ? [{ ...result.order, status: 'COMPLETED' as const, createdAt }] : [],
    );
    const placed = new Map(accepted.map((order) => [order.orderId, orderOf(order)]));
    const events = accepted.map((order) => outboxEventOf(order, eventsFormat));
    const earlier = await readReplayed(tx, evaluation, placed);
    if (accepted.length > 0) {
      await tx.commitWith([
        writeDeductions(tx, snapshot, evaluation),
        writeOrders(tx, accepted),
        markCouponsUsed(tx, accepted.flatMap(couponUseOf), createdAt),
        insertOutboxEvents(tx, events, outboxGraceMs),
        insertCartRemovals(
          tx,
          requests.filter(({ fromCart, orderId }) => fromCart !== undefined && placed.has(orderId)),
        ),
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
      // No replay if an earlier run of this transaction committed this request's own order.
      const replayed = result.orderId !== requests[index]?.orderId;
      // Replay the original response even if the order was cancelled later.
      return { code: 'placed', order: { ...order, status: 'COMPLETED' }, replayed };
    });
    return { results, events, isNew };
  });
}

/**
 * Locks and reads the rows of a group and decides its orders. Without `looksUp`, keys are looked up only if
 * an order is rejected: its key may have placed an order before, and then that is its result.
 */
async function evaluateLocked(
  tx: Transaction,
  requests: readonly OrderRequest[],
  nowMs: () => number,
  looksUp: boolean,
): Promise<{ snapshot: OrderSnapshot; evaluation: Evaluation; isNew: boolean }> {
  const snapshot = await lockSnapshot(tx, requests, nowMs, looksUp);
  const evaluation = evaluateOrders(snapshot, requests);
  const isNew = evaluation.results.every(({ code }) => code === 'accepted' || code === 'crashed');
  if (isNew || looksUp) return { snapshot, evaluation, isNew };
  const earlier = await findEarlierOrders(tx, requests);
  if (earlier.size === 0) return { snapshot, evaluation, isNew };
  return { snapshot, evaluation: evaluateOrders({ ...snapshot, earlier }, requests), isNew };
}

/** Orders of earlier groups that requests replay, keyed by id. */
async function readReplayed(
  tx: Transaction,
  { results }: Evaluation,
  placed: ReadonlyMap<string, Order>,
): Promise<Map<string, Order>> {
  const ids = results.flatMap((result) =>
    result.code === 'replayed' && !placed.has(result.orderId) ? result.orderId : [],
  );
  const orders = await Promise.all(ids.map((orderId) => findOrder(tx.read, orderId)));
  return new Map(orders.flatMap((order) => (order === undefined ? [] : [[order.orderId, order] as const])));
}

/** Drops key and request hash; equals what findOrder returns. */
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

function outboxEventOf(order: Order, format: EventsFormat): OutboxEvent {
  const event = orderCompletedEvent(order, format);
  return { eventId: event.id, type: event.type, payload: JSON.stringify(event) };
}

async function lockSnapshot(
  tx: Transaction,
  requests: readonly OrderRequest[],
  nowMs: () => number,
  looksUp: boolean,
): Promise<OrderSnapshot> {
  const productIds = [...new Set(requests.flatMap(({ lines }) => lines.map(({ productId }) => productId)))];
  // One round trip; the server runs the statements in this order.
  const [stock, wallets, earlier, products, couponIds] = await Promise.all([
    lockStock(tx, productIds),
    lockWallets(
      tx,
      requests.map(({ userId }) => userId),
    ),
    looksUp ? findEarlierOrders(tx, requests) : new Map<string, EarlierOrder>(),
    readProductTerms(tx, productIds),
    findCouponIds(
      tx,
      requests.flatMap(({ userCouponId }) => userCouponId ?? []),
    ),
  ]);
  // Skip replays: they need no limits, and reading limits takes longer the more a user has bought.
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

/** Returns the entries that are no longer the same object. */
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
