import { z } from 'zod';
import { userCouponReply, userCouponReplySchema } from '../coupons/coupon-reply.ts';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import type { AdminOrder } from './admin-order-sql.ts';
import { CANCELLED_BY_ADMIN } from './cancel-order.ts';
import { orderReply, orderReplySchema } from './order-reply.ts';
import { eventStates, type TracedOrder } from './trace-order.ts';

const customerSchema = z.object({ id: idSchema, email: z.string() }).meta({ title: 'OrderCustomer' });

export const adminOrderSchema = orderReplySchema
  .extend({
    customer: customerSchema,
    idempotencyKey: z.string(),
    cancelledAt: timeSchema.nullable(),
  })
  .meta({ title: 'AdminOrder' });

const ledgerEntrySchema = z
  .object({
    seq: z.int(),
    kind: z.enum(['PAYMENT', 'REFUND']),
    amount: krwSchema,
    balanceAfter: krwSchema,
    createdAt: timeSchema,
  })
  .meta({ title: 'OrderLedgerEntry' });

const stockChangeSchema = z
  .object({
    productId: idSchema,
    kind: z.enum(['SALE', 'RESTOCK']),
    seq: z.int().meta({ description: "Sequence number of this change to the product's stock." }),
    delta: z.int(),
    stockAfter: z.int(),
    createdAt: timeSchema,
  })
  .meta({ title: 'OrderStockChange' });

const eventSchema = z
  .object({
    id: idSchema,
    type: z.enum(['completed', 'cancelled']),
    state: z.enum(eventStates).meta({
      description:
        '`waiting` in the outbox; `sent`: neither in the outbox nor counted; `counted` in the statistics; ' +
        '`forgotten`: so old that the record of its counting may have been purged.',
    }),
    attempts: z
      .int()
      .nullable()
      .meta({ description: 'While it waits: how often a relay has tried to send it.' }),
    countedAt: timeSchema.nullable(),
  })
  .meta({ title: 'OrderEventState' });

const orderCancellationSchema = z
  .object({
    cancelledAt: timeSchema,
    refund: krwSchema.nullable(),
    by: z.enum(['customer', 'admin']),
    reason: z.string().nullable(),
  })
  .meta({ title: 'OrderCancellation' });

export const orderTraceSchema = adminOrderSchema
  .extend({
    coupon: userCouponReplySchema.nullable(),
    ledger: z.array(ledgerEntrySchema),
    stockChanges: z.array(stockChangeSchema),
    events: z.array(eventSchema),
    cancellation: orderCancellationSchema.nullable(),
  })
  .meta({ title: 'OrderTrace' });

export function adminOrderReply(order: AdminOrder, email: string) {
  return {
    ...orderReply(order),
    customer: { id: order.userId, email },
    idempotencyKey: order.idempotencyKey,
    cancelledAt: order.cancelledAt ?? null,
  };
}

export function orderTraceReply(
  { order, email, coupon, entries, restocks, events }: TracedOrder,
  nowMs: number,
) {
  const sales = order.items.map((item) => ({
    productId: item.productId,
    kind: 'SALE' as const,
    seq: item.stockSeq,
    delta: -item.quantity,
    stockAfter: item.stockAfter,
    createdAt: order.createdAt,
  }));
  const returned = restocks.map(({ productId, seq, delta, quantityAfter: stockAfter, createdAt }) => {
    return { productId, kind: 'RESTOCK' as const, seq, delta, stockAfter, createdAt };
  });
  return {
    ...adminOrderReply(order, email),
    coupon: coupon === undefined ? null : userCouponReply(coupon, nowMs),
    ledger: entries.map(({ seq, kind, amountKrw: amount, balanceAfterKrw: balanceAfter, createdAt }) => {
      return { seq, kind, amount, balanceAfter, createdAt };
    }),
    stockChanges: [...sales, ...returned],
    events: events.map(({ eventId: id, type, state, attempts, countedAt }) => {
      return { id, type, state, attempts: attempts ?? null, countedAt: countedAt ?? null };
    }),
    cancellation: cancellationOf({ order, entries, restocks }),
  };
}

/** The restocks of a cancellation hold who cancelled and why. */
function cancellationOf({ order, entries, restocks }: Pick<TracedOrder, 'order' | 'entries' | 'restocks'>) {
  const { cancelledAt } = order;
  if (cancelledAt === undefined) return null;
  const text = restocks[0]?.reason ?? '';
  const isByAdmin = text.startsWith(CANCELLED_BY_ADMIN);
  return {
    cancelledAt,
    refund: entries.find(({ kind }) => kind === 'REFUND')?.amountKrw ?? null,
    by: isByAdmin ? ('admin' as const) : ('customer' as const),
    reason: isByAdmin ? text.slice(CANCELLED_BY_ADMIN.length) : null,
  };
}
