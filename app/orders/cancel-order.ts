import { insertStockEntries, lockStock, updateStock } from '../catalogue/stock-sql.ts';
import { returnCoupon } from '../coupons/user-coupon-sql.ts';
import { type EventsFormat, orderCancelledEvent } from '../events/order-event.ts';
import { insertOutboxEvents, type OutboxEvent } from '../events/outbox-sql.ts';
import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Database, Transaction } from '../platform/mysql/database.ts';
import { isOwnChange } from '../audit/own-change.ts';
import { findRefundByKey, insertWalletEntries, lockWallets, updateWallets } from '../wallet/wallet-sql.ts';
import { decideCancellation, type NotCancellable } from './decide-cancellation.ts';
import type { Order } from './order.ts';
import { findOrder, lockOrder, markCancelled } from './order-sql.ts';

type LockedStock = Awaited<ReturnType<typeof lockStock>>;
type LockedWallet = NonNullable<
  Awaited<ReturnType<typeof lockWallets>> extends Map<string, infer W> ? W : never
>;

export interface CancelOrderDependencies {
  readonly database: Database;
  /** The database's clock. */
  readonly nowMs: () => number;
  /** How long after placing an order its customer may cancel it. */
  readonly cancelWindowMs: number;
  /** How long the relay skips the event, so that `publish` can send it first. */
  readonly outboxGraceMs: number;
  readonly eventsFormat: EventsFormat;
  /** Receives the event after the commit. Must not throw or block. */
  readonly publish: (events: readonly OutboxEvent[]) => void;
}

export type CancelOrderRequest = {
  readonly orderId: string;
  /** Unique among the refunds of the order's customer. */
  readonly idempotencyKey: string;
} & (
  | { readonly by: 'customer'; readonly userId: string }
  | {
      readonly by: 'admin';
      readonly reason: string;
      readonly requestHash: Buffer;
      readonly actor: Actor;
    }
);

export interface Cancellation {
  readonly orderId: string;
  readonly refundKrw: number;
  readonly balanceAfterKrw: number;
  readonly balanceSeq: number;
  readonly cancelledAt: Date;
}

export type CancelOrderResult =
  | { readonly code: 'cancelled'; readonly cancellation: Cancellation; readonly replayed: boolean }
  | { readonly code: 'order_not_found' | 'idempotency_key_reused' }
  | NotCancellable;

/** Prefix of the reason that the restocks of an admin's cancellation hold. */
export const CANCELLED_BY_ADMIN = 'cancelled by an admin: ';

const NO_HASH = Buffer.alloc(0);

/**
 * Cancels an order once. One transaction refunds, restocks, returns the coupon, sets COMPLETED → CANCELLED
 * and writes the event. Locks follow the order of the whole app: product_stock, wallet, order, coupon. The
 * second of two concurrent cancellations waits for the wallet and then finds the first one's key or status.
 *
 * Throws OperationalError; repeating the same request with the same key is then safe.
 */
export async function cancelOrder(
  dependencies: CancelOrderDependencies,
  request: CancelOrderRequest,
): Promise<CancelOrderResult> {
  const { database, publish } = dependencies;
  // The items of an order never change, so this read decides which rows to lock.
  const order = await findOrder(database.read, request.orderId);
  if (order === undefined) return { code: 'order_not_found' };
  if (request.by === 'customer' && order.userId !== request.userId) return { code: 'order_not_found' };
  let written: { seq: number; at: Date } | undefined;
  const { result, events } = await database.withTransaction(
    { name: 'cancel_order', rerunnable: true },
    async (tx) => {
      const outcome = await cancelLocked(tx, dependencies, order, request);
      if (outcome.result.code !== 'cancelled') return outcome;
      const { balanceSeq: seq, cancelledAt: at } = outcome.result.cancellation;
      if (!outcome.result.replayed) written = { seq, at };
      const replayed = outcome.result.replayed && !isOwnChange(written, { seq, at });
      return { ...outcome, result: { ...outcome.result, replayed } };
    },
  );
  publish(events);
  return result;
}

async function cancelLocked(
  tx: Transaction,
  dependencies: CancelOrderDependencies,
  order: Order,
  request: CancelOrderRequest,
): Promise<{ result: CancelOrderResult; events: OutboxEvent[] }> {
  const { nowMs, cancelWindowMs } = dependencies;
  const { orderId, userId } = order;
  const { idempotencyKey } = request;
  const requestHash = request.by === 'admin' ? request.requestHash : undefined;
  const stock = await lockStock(
    tx,
    order.items.map(({ productId }) => productId),
  );
  const wallet = (await lockWallets(tx, [userId])).get(userId);
  if (wallet === undefined) throw new Error('the customer of an order has no wallet');
  const locked = await lockOrder(tx, orderId);

  const earlier = await findRefundByKey(tx, userId, idempotencyKey);
  if (earlier !== undefined) {
    const isSame =
      earlier.orderId === orderId && (requestHash?.equals(earlier.requestHash ?? NO_HASH) ?? true);
    if (!isSame) return { result: { code: 'idempotency_key_reused' }, events: [] };
    const { amountKrw: refundKrw, balanceAfterKrw, seq: balanceSeq, createdAt: cancelledAt } = earlier;
    const cancellation = { orderId, refundKrw, balanceAfterKrw, balanceSeq, cancelledAt };
    return { result: { code: 'cancelled', cancellation, replayed: true }, events: [] };
  }
  if (locked === undefined) throw new Error('an order has disappeared');
  const cancelledAt = new Date(nowMs());
  const decision = decideCancellation(
    { status: locked.status, createdAt: order.createdAt },
    { by: request.by, at: cancelledAt, windowMs: cancelWindowMs },
  );
  if (decision.code !== 'cancellable') return { result: decision, events: [] };
  return writeCancellation(tx, dependencies, { order, request, stock, wallet, cancelledAt });
}

/** Writes everything that a cancellation changes, under the locks that `cancelLocked` holds. */
async function writeCancellation(
  tx: Transaction,
  { outboxGraceMs, eventsFormat }: CancelOrderDependencies,
  {
    order,
    request,
    stock,
    wallet,
    cancelledAt,
  }: {
    readonly order: Order;
    readonly request: CancelOrderRequest;
    readonly stock: LockedStock;
    readonly wallet: LockedWallet;
    readonly cancelledAt: Date;
  },
): Promise<{ result: CancelOrderResult; events: OutboxEvent[] }> {
  const { orderId, userId } = order;
  const cancellation: Cancellation = {
    orderId,
    refundKrw: order.totalKrw,
    balanceAfterKrw: wallet.balanceKrw + order.totalKrw,
    balanceSeq: wallet.version + 1,
    cancelledAt,
  };
  const restocks = order.items.map(({ productId, quantity }) => {
    const before = stock.get(productId);
    if (before === undefined) throw new Error('a product in an order has no stock row');
    return {
      before,
      after: { productId, quantity: before.quantity + quantity, version: before.version + 1 },
      quantity,
    };
  });
  await updateStock(tx, restocks);
  await insertStockEntries(
    tx,
    restocks.map(({ after, quantity }) => ({
      productId: after.productId,
      seq: after.version,
      kind: 'RESTOCK',
      delta: quantity,
      quantityAfter: after.quantity,
      reason: request.by === 'admin' ? `${CANCELLED_BY_ADMIN}${request.reason}` : 'order cancelled',
      orderId,
      createdAt: cancelledAt,
    })),
  );
  const { balanceAfterKrw, balanceSeq, refundKrw } = cancellation;
  await updateWallets(tx, [
    { before: wallet, after: { userId, balanceKrw: balanceAfterKrw, version: balanceSeq } },
  ]);
  await insertWalletEntries(tx, [
    {
      userId,
      seq: balanceSeq,
      kind: 'REFUND',
      amountKrw: refundKrw,
      balanceAfterKrw,
      orderId,
      idempotencyKey: request.idempotencyKey,
      requestHash: request.by === 'admin' ? request.requestHash : undefined,
      createdAt: cancelledAt,
    },
  ]);
  await markCancelled(tx, orderId, cancelledAt);
  const { userCouponId } = order;
  if (userCouponId !== undefined) await returnCoupon(tx, { userCouponId, orderId });
  const event = orderCancelledEvent(order, cancelledAt, eventsFormat);
  const events = [{ eventId: event.id, type: event.type, payload: JSON.stringify(event) }];
  await insertOutboxEvents(tx, events, outboxGraceMs);
  if (request.by === 'admin') {
    await recordAction(tx, request.actor, {
      action: 'order_cancelled',
      target: { kind: 'order', id: orderId },
      before: { status: 'COMPLETED', customerId: userId },
      after: { status: 'CANCELLED', refund: refundKrw },
      reason: request.reason,
    });
  }
  return { result: { code: 'cancelled', cancellation, replayed: false }, events };
}
