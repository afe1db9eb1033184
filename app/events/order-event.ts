import { z } from 'zod';

/** `source` and `id` together identify an event forever (CloudEvents 1.0, section 3). */
const SOURCE = '/rowlock/orders';

/**
 * The format of events and messages that this process sends. Every consumer reads both; releases before 2
 * existed read only 1. See docs/deploy.md, "Event formats".
 */
export type EventsFormat = '1' | '2';

/** Events that a message may hold. A longer message is not from this app. */
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
};

const sale = {
  userId: uuid,
  total: amount,
  discount: amount.default(0).meta({ description: 'Coupon discount on the sum of the lines. Absent if 0.' }),
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
const completedAt = timeInRange.meta({ description: 'Determines the hour of the sale.' });

/** An order was placed. A CloudEvent in JSON in which no value stands twice. */
const orderCompletedSchema = z.object({
  ...envelope,
  id: uuid.meta({ description: 'Id of the order.' }),
  type: z.literal('rowlock.order.completed.v2'),
  time: completedAt,
  data: z.object(sale),
});

/** A completed order was cancelled. Its lines are subtracted from the hour in which they were sold. */
const orderCancelledSchema = z.object({
  ...envelope,
  type: z.literal('rowlock.order.cancelled.v2'),
  subject: uuid.meta({ description: 'Id of the order.' }),
  time: timeInRange.meta({ description: 'When it was cancelled.' }),
  data: z.object({ ...sale, completedAt }),
});

const envelopeV1 = {
  ...envelope,
  time: z.iso.datetime(),
  subject: uuid.meta({ description: 'Id of the order.' }),
  datacontenttype: z.literal('application/json'),
};
const saleV1 = { orderId: uuid, completedAt, ...sale };

const orderCompletedV1Schema = z.object({
  ...envelopeV1,
  type: z.literal('rowlock.order.completed.v1'),
  data: z.object(saleV1),
});
const orderCancelledV1Schema = z.object({
  ...envelopeV1,
  type: z.literal('rowlock.order.cancelled.v1'),
  data: z.object({ ...saleV1, cancelledAt: timeInRange }),
});

const format1 = [orderCompletedV1Schema, orderCancelledV1Schema] as const;
const format2 = [orderCompletedSchema, orderCancelledSchema] as const;
export const orderEventSchema = z.discriminatedUnion('type', [...format2, ...format1]);

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
export function orderCompletedEvent(order: CompletedOrder, format: EventsFormat = '2'): OrderEvent {
  const { orderId, createdAt } = order;
  if (format === '1') {
    const type = 'rowlock.order.completed.v1' as const;
    return { ...envelopeV1Of(order, createdAt), type, data: saleV1Of(order) };
  }
  return {
    ...ENVELOPE,
    type: 'rowlock.order.completed.v2',
    id: orderId,
    time: createdAt.toISOString(),
    data: saleOf(order),
  };
}

/**
 * The event of a cancellation. Its id is the order's id with UUID version 8 instead of 7 (RFC 9562 leaves the
 * meaning of version 8 to the implementer). It too follows from the order, and it sorts next to it.
 */
export function orderCancelledEvent(
  order: CompletedOrder,
  cancelledAt: Date,
  format: EventsFormat = '2',
): OrderEvent {
  const id = cancelledEventId(order.orderId);
  const time = cancelledAt.toISOString();
  if (format === '1') {
    const type = 'rowlock.order.cancelled.v1' as const;
    const data = { ...saleV1Of(order), cancelledAt: time };
    return { ...envelopeV1Of(order, cancelledAt), id, type, data };
  }
  return {
    ...ENVELOPE,
    type: 'rowlock.order.cancelled.v2',
    id,
    subject: order.orderId,
    time,
    data: { ...saleOf(order), completedAt: order.createdAt.toISOString() },
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

const ENVELOPE = { specversion: '1.0', source: SOURCE } as const;

type Sale = Pick<z.infer<typeof orderCompletedSchema>, 'data'>['data'];

function saleOf({ userId, totalKrw, discountKrw, items }: CompletedOrder): Sale {
  return {
    userId,
    total: totalKrw,
    // The schema's type has the discount that reading adds.
    ...((discountKrw === 0 ? {} : { discount: discountKrw }) as { discount: number }),
    lines: items.map(({ productId, quantity, unitPriceKrw }) => ({
      productId,
      units: quantity,
      revenue: quantity * unitPriceKrw,
    })),
  };
}

function envelopeV1Of({ orderId }: CompletedOrder, time: Date) {
  return {
    ...ENVELOPE,
    id: orderId,
    time: time.toISOString(),
    subject: orderId,
    datacontenttype: 'application/json' as const,
  };
}

function saleV1Of(order: CompletedOrder) {
  const { orderId, createdAt, discountKrw } = order;
  return { orderId, completedAt: createdAt.toISOString(), ...saleOf(order), discount: discountKrw };
}
