import { EVENTS_PER_MESSAGE_MAX, type OrderEvent, orderEventSchema } from '../events/order-event.ts';

/** One event of a message. */
export interface EventInMessage {
  /** Undefined if it is none that this release knows. */
  readonly event: OrderEvent | undefined;
  /** JSON text of the event alone, or the message's body if that holds one event or cannot be read. */
  body(): string;
}

/**
 * Reads the body of a message: a CloudEvent in JSON, or a JSON array of several. Any other body counts as one
 * unreadable event.
 */
export function readMessage(body: string): readonly EventInMessage[] {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    content = undefined;
  }
  if (!Array.isArray(content)) return [{ event: eventOf(content), body: () => body }];
  if (content.length === 0 || content.length > EVENTS_PER_MESSAGE_MAX)
    return [{ event: undefined, body: () => body }];
  return content.map((part: unknown) => ({ event: eventOf(part), body: () => JSON.stringify(part) }));
}

function eventOf(content: unknown): OrderEvent | undefined {
  return orderEventSchema.safeParse(content).data;
}
