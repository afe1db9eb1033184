import type { AcceptedItem, AcceptedOrder } from './evaluate-orders.ts';

export type OrderItem = AcceptedItem;

/** An order as it stands in the database. */
export interface Order extends Omit<AcceptedOrder, 'idempotencyKey' | 'requestHash'> {
  readonly status: 'COMPLETED' | 'CANCELLED';
  readonly createdAt: Date;
}
