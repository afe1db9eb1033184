import type { OutgoingEvent } from '../platform/event-transport.ts';
import { orderIdOf } from './order-event.ts';
import type { OutboxEvent } from './outbox-sql.ts';

/** An event of the outbox as the transport takes it. Its key is the order's id. */
export function outgoingEvent({ eventId, payload }: OutboxEvent): OutgoingEvent {
  return { id: eventId, key: orderIdOf(eventId), body: payload };
}
