import { insertStockEntries, lockStock, updateStock } from '../catalogue/stock-sql.ts';
import { returnCoupon } from '../coupons/user-coupon-sql.ts';
import { orderCancelledEvent } from '../events/order-event.ts';
import { insertOutboxEvents, type OutboxEvent } from '../events/outbox-sql.ts';
import type { Database, Transaction } from '../platform/mysql/database.ts';
import { isOwnChange } from '../audit/own-change.ts';
import { findRefundByKey, insertWalletEntries, lockWallets, updateWallets } from '../wallet/wallet-sql.ts';
import { type CancellationRefusal, decideCancellation } from './decide-cancellation.ts';
import type { Order } from './order.ts';
import { findOrder, lockOrder, markCancelled } from './order-sql.ts';

export interface CancelOrderDependencies {
  readonly database: Database;
  /** The database's clock. */
  readonly nowMs: () => number;
  /** How long after an order its customer may cancel it. */
  readonly cancelWindowMs: number;
  /** How long the relay leaves the event alone, while `publish` has it. */
  readonly outboxGraceMs: number;
  /** Takes the event once it is committed; must not throw or wait. */
  readonly publish: (events: readonly OutboxEvent[]) => void;
}

export type CancelOrderRequest = {
  readonly orderId: string;
  /** Unique among the refunds of the order's customer. */
  readonly idempotencyKey: string;
} & (
  | { readonly by: 'customer'; readonly userId: string }
  | { readonly by: 'admin'; readonly reason: string; readonly requestHash: Buffer }
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
  | ({ readonly code: 'order_not_cancellable' } & CancellationRefusal);

const NO_HASH = Buffer.alloc(0);

/**
 * Cancels an order once: refund, restock, the coupon given back, COMPLETED → CANCELLED and the event, all in one
 * transaction. Locks in the order of the whole app: product_stock, wallet, order, coupon. Of two cancellations at once the second waits for the
 * wallet and finds the first one's key or status.
 *
 * Throws OperationalError; the same request with the same key is then safe to repeat.
 */
export async function cancelOrder(
  dependencies: CancelOrderDependencies,
  request: CancelOrderRequest,
): Promise<CancelOrderResult> {
  const { database, publish } = dependencies;
  // What an order holds never changes, so it tells which rows to lock.
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
  { nowMs, outboxGraceMs, cancelWindowMs }: CancelOrderDependencies,
  order: Order,
  request: CancelOrderRequest,
): Promise<{ result: CancelOrderResult; events: OutboxEvent[] }> {
  const { orderId, userId } = order;
  const { idempotencyKey } = request;
  const requestHash = request.by === 'admin' ? request.requestHash : undefined;
  const stock = await lockStock(
    tx,
    order.items.map(({ productId }) => productId),
  );
  const wallet = (await lockWallets(tx, [userId])).get(userId);
  if (wallet === undefined) throw new Error('the user of an order has no wallet');
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
  if (locked === undefined) throw new Error('an order is gone');
  const cancelledAt = new Date(nowMs());
  const refusal = decideCancellation(
    { status: locked.status, createdAt: order.createdAt },
    { by: request.by, at: cancelledAt, windowMs: cancelWindowMs },
  );
  if (refusal !== undefined) {
    return { result: { code: 'order_not_cancellable', ...refusal }, events: [] };
  }

  const cancellation: Cancellation = {
    orderId,
    refundKrw: order.totalKrw,
    balanceAfterKrw: wallet.balanceKrw + order.totalKrw,
    balanceSeq: wallet.version + 1,
    cancelledAt,
  };
  const restocks = order.items.map(({ productId, quantity }) => {
    const before = stock.get(productId);
    if (before === undefined) throw new Error('a product of an order has no stock row');
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
      reason: request.by === 'admin' ? `cancelled by an admin: ${request.reason}` : 'order cancelled',
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
      idempotencyKey,
      requestHash,
      createdAt: cancelledAt,
    },
  ]);
  await markCancelled(tx, orderId, cancelledAt);
  const { userCouponId } = order;
  if (userCouponId !== undefined) await returnCoupon(tx, { userCouponId, orderId });
  const event = orderCancelledEvent(order, cancelledAt);
  const events = [{ eventId: event.id, type: event.type, payload: JSON.stringify(event) }];
  await insertOutboxEvents(tx, events, outboxGraceMs);
  return { result: { code: 'cancelled', cancellation, replayed: false }, events };
}
