import { z } from 'zod';

/** `source` and `id` together identify an event forever (CloudEvents 1.0, section 3). */
const SOURCE = '/rowlock/orders';

const ORDER_COMPLETED = 'rowlock.order.completed.v1';
const ORDER_CANCELLED = 'rowlock.order.cancelled.v1';

/** Events that a message may hold. Whoever sends more is none of ours. */
export const EVENTS_PER_MESSAGE_MAX = 256;

const uuid = z.uuid();

/** Largest order of one product: fifty lines of a thousand units. */
const UNITS_MAX = 50_000;
/** UNITS_MAX units at the highest price. Sums per product and hour stay far below the column's limit. */
const AMOUNT_MAX_KRW = UNITS_MAX * 1_000_000_000;
const amount = z.int().min(0).max(AMOUNT_MAX_KRW).meta({ description: 'Whole KRW.' });

const timeInRange = z.iso.datetime().refine((time) => /^20[2-9]/.test(time), {
  error: 'must be between 2020 and 2099',
});

const envelope = {
  specversion: z.literal('1.0'),
  source: z.literal(SOURCE),
  id: uuid,
  time: z.iso.datetime(),
  subject: uuid.meta({ description: 'Id of the order.' }),
  datacontenttype: z.literal('application/json'),
};

const orderData = {
  orderId: uuid,
  userId: uuid,
  completedAt: timeInRange.meta({ description: 'Determines the hour of the sale, for both events.' }),
  total: amount,
  discount: amount.default(0).meta({
    description: 'Coupon discount on the sum of the lines. Absent in events from before coupons existed.',
  }),
  lines: z
    .array(
      z.object({
        productId: uuid,
        units: z.int().min(1).max(UNITS_MAX),
        revenue: amount,
      }),
    )
    .min(1)
    .max(50),
};

/** An order was placed. A CloudEvent in JSON, as sent through the queue. */
const orderCompletedSchema = z.object({
  ...envelope,
  type: z.literal(ORDER_COMPLETED),
  data: z.object(orderData),
});

/** A completed order was cancelled. Its lines are subtracted from the hour in which they were sold. */
const orderCancelledSchema = z.object({
  ...envelope,
  type: z.literal(ORDER_CANCELLED),
  data: z.object({ ...orderData, cancelledAt: timeInRange }),
});

export const orderEventSchema = z.discriminatedUnion('type', [orderCompletedSchema, orderCancelledSchema]);

export type OrderCompleted = z.infer<typeof orderCompletedSchema>;
export type OrderCancelled = z.infer<typeof orderCancelledSchema>;
export type OrderEvent = z.infer<typeof orderEventSchema>;

export interface CompletedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly totalKrw: number;
  readonly discountKrw: number;
  readonly createdAt: Date;
  readonly items: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly unitPriceKrw: number;
  }[];
}

/**
 * The event of a completed order. Its id is the order's id, so an order's event can be found in the outbox
 * and in the inbox, and creating the event twice gives the same event.
 */
export function orderCompletedEvent(order: CompletedOrder): OrderCompleted {
  return { ...envelopeOf(order, order.createdAt), type: ORDER_COMPLETED, data: dataOf(order) };
}

/**
 * The event of a cancellation. Its id is the order's id with UUID version 8 instead of 7 (RFC 9562 leaves the
 * meaning of version 8 to the implementer). It too follows from the order, and it sorts next to it.
 */
export function orderCancelledEvent(order: CompletedOrder, cancelledAt: Date): OrderCancelled {
  return {
    ...envelopeOf(order, cancelledAt),
    id: cancelledEventId(order.orderId),
    type: ORDER_CANCELLED,
    data: { ...dataOf(order), cancelledAt: cancelledAt.toISOString() },
  };
}

/** The 15th character of a UUID's text form is its version. */
export function cancelledEventId(orderId: string): string {
  return `${orderId.slice(0, 14)}8${orderId.slice(15)}`;
}

/**
 * The order that an event belongs to, from the event's id alone: the key that keeps the events of one order
 * in one partition.
 */
export function orderIdOf(eventId: string): string {
  return `${eventId.slice(0, 14)}7${eventId.slice(15)}`;
}

function envelopeOf({ orderId }: CompletedOrder, time: Date) {
  return {
    specversion: '1.0' as const,
    source: SOURCE as typeof SOURCE,
    id: orderId,
    time: time.toISOString(),
    subject: orderId,
    datacontenttype: 'application/json' as const,
  };
}

function dataOf(order: CompletedOrder): OrderCompleted['data'] {
  return {
    orderId: order.orderId,
    userId: order.userId,
    completedAt: order.createdAt.toISOString(),
    total: order.totalKrw,
    discount: order.discountKrw,
    lines: order.items.map(({ productId, quantity, unitPriceKrw }) => ({
      productId,
      units: quantity,
      revenue: quantity * unitPriceKrw,
    })),
  };
}
