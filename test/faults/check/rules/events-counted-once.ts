import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** The inbox has exactly one event per order and per cancellation, and the outbox is empty. */
export function eventsCountedOnce({ state }: Facts): Finding[] {
  const inbox = new Set(state.inbox);
  const due = new Map(
    state.orders.flatMap(({ orderId, status }) => [
      [orderId, `the event of order ${orderId}`] as const,
      ...(status === 'CANCELLED'
        ? [[cancelledEventId(orderId), `the event of the cancellation of ${orderId}`] as const]
        : []),
    ]),
  );
  const lost = [...due]
    .filter(([eventId]) => !inbox.has(eventId))
    .map(([, what]) => `${what} was not counted`);
  const strange = state.inbox
    .filter((eventId) => !due.has(eventId))
    .map((eventId) => `event ${eventId} was counted and has no order`);
  const left = state.outbox.map((eventId) => `event ${eventId} is still in the outbox`);
  return [...lost, ...strange, ...left].map((detail) => ({ detail }));
}

/** The id of an order with version 8 instead of 7: the event of its cancellation. */
function cancelledEventId(orderId: string): string {
  return `${orderId.slice(0, 14)}8${orderId.slice(15)}`;
}
