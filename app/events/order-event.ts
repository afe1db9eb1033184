import { z } from 'zod';

/** Where order events come from; `source` and `id` together name an event for ever (CloudEvents 1.0, section 3). */
const SOURCE = '/rowlock/orders';

export const ORDER_COMPLETED = 'rowlock.order.completed.v1';
export const ORDER_CANCELLED = 'rowlock.order.cancelled.v1';

const uuid = z.uuid();

/** Fifty lines of a thousand units in one product. */
const UNITS_MAX = 50_000;
/** Those units at the highest price. Sums of a product and hour stay far below what the column holds. */
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
  subject: uuid.meta({ description: 'The order.' }),
  datacontenttype: z.literal('application/json'),
};

const orderData = {
  orderId: uuid,
  userId: uuid,
  completedAt: timeInRange.meta({ description: 'The hour in which the sale counts, for both events.' }),
  total: amount,
  discount: amount.default(0).meta({
    description: 'What a coupon took off the sum of the lines. Absent in events that are older than coupons.',
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

/** An order was placed: a CloudEvent in JSON, as it travels through the queue. */
export const orderCompletedSchema = z.object({
  ...envelope,
  type: z.literal(ORDER_COMPLETED),
  data: z.object(orderData),
});

/** A completed order was cancelled; its lines are taken back from the hour in which they were sold. */
export const orderCancelledSchema = z.object({
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
 * The event of a completed order. Its id is the order's own id: whoever has the order can look for its event
 * in the outbox and in the inbox, and making the event twice gives the same event.
 */
export function orderCompletedEvent(order: CompletedOrder): OrderCompleted {
  return { ...envelopeOf(order, order.createdAt), type: ORDER_COMPLETED, data: dataOf(order) };
}

/**
 * The event of a cancellation. Its id is the order's with version 8 in the place of 7 (RFC 9562 leaves what
 * version 8 means to its maker): it follows from the order too, and it sorts beside it.
 */
export function orderCancelledEvent(order: CompletedOrder, cancelledAt: Date): OrderCancelled {
  return {
    ...envelopeOf(order, cancelledAt),
    id: cancelledEventId(order.orderId),
    type: ORDER_CANCELLED,
    data: { ...dataOf(order), cancelledAt: cancelledAt.toISOString() },
  };
}

/** The 15th digit of a UUID's text form is its version. */
export function cancelledEventId(orderId: string): string {
  return `${orderId.slice(0, 14)}8${orderId.slice(15)}`;
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
