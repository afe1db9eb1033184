import { findEmails } from '../accounts/user-sql.ts';
import { findRestocks, type StockEntry } from '../catalogue/stock-sql.ts';
import { findUserCoupon, type ListedUserCoupon } from '../coupons/user-coupon-sql.ts';
import { cancelledEventId } from '../events/order-event.ts';
import { findWaitingEvents } from '../events/outbox-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import { findCountedEvents } from '../statistics/inbox-sql.ts';
import { findOrderEntries, type WalletEntry } from '../wallet/wallet-sql.ts';
import { type AdminOrder, findAdminOrder } from './admin-order-sql.ts';

/**
 * Where the event of an order is, as far as that is recorded:
 *
 * - `waiting`: in the outbox.
 * - `sent`: neither in the outbox nor counted, so the queue has acknowledged it. Nothing records the sending.
 * - `counted`: in the statistics.
 * - `forgotten`: like `sent`, but so old that the record of its counting may have been purged.
 */
export const eventStates = ['waiting', 'sent', 'counted', 'forgotten'] as const;

export interface TracedEvent {
  readonly eventId: string;
  readonly type: 'completed' | 'cancelled';
  readonly state: (typeof eventStates)[number];
  /** While it waits: how often a relay has claimed it. */
  readonly attempts: number | undefined;
  readonly countedAt: Date | undefined;
}

export interface TracedOrder {
  readonly order: AdminOrder;
  readonly email: string;
  readonly coupon: ListedUserCoupon | undefined;
  readonly entries: readonly Omit<WalletEntry, 'idempotencyKey' | 'requestHash'>[];
  readonly restocks: readonly StockEntry[];
  readonly events: readonly TracedEvent[];
}

/**
 * Everything that is recorded of an order, in all features, each as last committed. Returns undefined if
 * there is no such order. A record that is missing or contradicts the order is left out, never made up.
 */
export async function traceOrder(
  { database }: { readonly database: Database },
  orderId: string,
): Promise<TracedOrder | undefined> {
  const { read } = database;
  const order = await findAdminOrder(read, orderId);
  if (order === undefined) return undefined;
  const { userId, userCouponId, balanceSeq: paymentSeq } = order;
  const [emails, coupon, entries, restocks, events] = await Promise.all([
    findEmails(read, [userId]),
    userCouponId === undefined ? undefined : findUserCoupon(read, userCouponId),
    findOrderEntries(read, { userId, orderId, paymentSeq }),
    findRestocks(read, orderId),
    traceEvents(database, order),
  ]);
  return { order, email: emails.get(userId) ?? '', coupon, entries, restocks, events };
}

/** Reads the outbox before the inbox: an event that moves on meanwhile is found in one of them. */
async function traceEvents({ read }: Database, order: AdminOrder): Promise<TracedEvent[]> {
  const { orderId, createdAt, cancelledAt } = order;
  const due = [
    { eventId: orderId, type: 'completed' as const, at: createdAt },
    ...(cancelledAt === undefined
      ? []
      : [{ eventId: cancelledEventId(orderId), type: 'cancelled' as const, at: cancelledAt }]),
  ];
  const ids = due.map(({ eventId }) => eventId);
  const waiting = await findWaitingEvents(read, ids);
  const { countedAt, purgedBefore } = await findCountedEvents(read, ids);
  return due.map(({ eventId, type, at }) => {
    const attempts = waiting.get(eventId)?.attempts;
    const counted = countedAt.get(eventId);
    const state = () => {
      if (counted !== undefined) return 'counted';
      if (attempts !== undefined) return 'waiting';
      return purgedBefore !== undefined && at < purgedBefore ? 'forgotten' : 'sent';
    };
    return { eventId, type, state: state(), attempts, countedAt: counted };
  });
}
