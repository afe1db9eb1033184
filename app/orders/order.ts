import type { AcceptedItem, AcceptedOrder } from './evaluate-orders.ts';

export type OrderItem = AcceptedItem;

/** A stored order. */
export interface Order extends Omit<AcceptedOrder, 'idempotencyKey' | 'requestHash'> {
  readonly status: 'COMPLETED' | 'CANCELLED';
  readonly createdAt: Date;
}
