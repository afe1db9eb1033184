import { z } from 'zod';

/** Where order events come from; `source` and `id` together name an event for ever (CloudEvents 1.0, section 3). */
const SOURCE = '/rowlock/orders';

export const ORDER_COMPLETED = 'rowlock.order.completed.v1';

const uuid = z.uuid();

/** `OrderCompleted` as it travels through the queue: a CloudEvent in JSON. */
export const orderCompletedSchema = z.object({
  specversion: z.literal('1.0'),
  type: z.literal(ORDER_COMPLETED),
  source: z.literal(SOURCE),
  id: uuid,
  time: z.iso.datetime(),
  subject: uuid.meta({ description: 'The order.' }),
  datacontenttype: z.literal('application/json'),
  data: z.object({
    orderId: uuid,
    userId: uuid,
    completedAt: z.iso.datetime(),
    total: z.int().min(0).meta({ description: 'Whole KRW.' }),
    lines: z
      .array(
        z.object({
          productId: uuid,
          units: z.int().min(1),
          revenue: z.int().min(0).meta({ description: 'Whole KRW.' }),
        }),
      )
      .min(1)
      .max(50),
  }),
});

export type OrderCompleted = z.infer<typeof orderCompletedSchema>;

export interface CompletedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly totalKrw: number;
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
  const time = order.createdAt.toISOString();
  return {
    specversion: '1.0',
    type: ORDER_COMPLETED,
    source: SOURCE,
    id: order.orderId,
    time,
    subject: order.orderId,
    datacontenttype: 'application/json',
    data: {
      orderId: order.orderId,
      userId: order.userId,
      completedAt: time,
      total: order.totalKrw,
      lines: order.items.map(({ productId, quantity, unitPriceKrw }) => ({
        productId,
        units: quantity,
        revenue: quantity * unitPriceKrw,
      })),
    },
  };
}
