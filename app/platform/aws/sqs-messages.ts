import type { OutgoingEvent } from '../event-transport.ts';

/** A message of one event, or of several in a JSON array (the batch format of CloudEvents). */
export interface OutgoingMessage {
  /** Unique within a call: the id of its first event. */
  readonly id: string;
  readonly events: readonly OutgoingEvent[];
  readonly body: string;
}

/** Entries per batch call (SQS quota). */
export const ENTRIES_MAX = 10;
/** SQS bills requests by 64 KB. The rest is room for what emulators and proxies add. */
const MESSAGE_BYTES_MAX = 56 * 1024;
/** All entries of a call, below the 256 KB that every version of SQS accepts. */
const CALL_BYTES_MAX = 4 * MESSAGE_BYTES_MAX;

/** Packs events, in order, into messages of up to `eventsMax` events and 56 KB. A larger event goes alone. */
export function packMessages(events: readonly OutgoingEvent[], eventsMax: number): OutgoingMessage[] {
  // Each event costs a comma or a bracket; the other bracket is the array's.
  const sizeOf = ({ body }: OutgoingEvent) => Buffer.byteLength(body) + 1;
  const groups = groupsOf(events, sizeOf, { itemsMax: eventsMax, sizeMax: MESSAGE_BYTES_MAX - 1 });
  return groups.map((group) => {
    const [first] = group;
    const bodies = group.map(({ body }) => body);
    const body = bodies.length === 1 ? bodies.join() : `[${bodies.join(',')}]`;
    return { id: first?.id ?? '', events: group, body };
  });
}

/** Splits messages, in order, into what one batch call may carry. */
export function callsOf<Message extends { readonly body: string }>(
  messages: readonly Message[],
): Message[][] {
  return groupsOf(messages, ({ body }) => Buffer.byteLength(body), {
    itemsMax: ENTRIES_MAX,
    sizeMax: CALL_BYTES_MAX,
  });
}

function groupsOf<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  { itemsMax, sizeMax }: { readonly itemsMax: number; readonly sizeMax: number },
): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let size = 0;
  for (const item of items) {
    const own = sizeOf(item);
    if (group.length === 0 || group.length === itemsMax || size + own > sizeMax) {
      group = [];
      size = 0;
      groups.push(group);
    }
    group.push(item);
    size += own;
  }
  return groups;
}
