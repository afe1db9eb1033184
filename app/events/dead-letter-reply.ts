import { z } from 'zod';
import { idSchema, requestedIdSchema } from '../http/contract/schemas.ts';
import { sectionSchema } from '../http/contract/section.ts';
import type { WaitingLetters } from '../platform/event-transport.ts';
import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import type { Read } from '../platform/mysql/database.ts';
import { findCountedEvents } from '../statistics/inbox-sql.ts';
import { EVENTS_PER_MESSAGE_MAX, orderIdOf } from './order-event.ts';

/** Dead letters that are read at once. */
export const LETTERS_MAX = 100;

/** A message id of SQS, in either case, or partition and offset of Kafka. */
export const letterIdSchema = z.union([requestedIdSchema, z.string().regex(/^\d{1,9}-\d{1,19}$/)]);

const deadLetterSchema = z
  .object({
    id: z.string().meta({
      description: "The transport's own id of the letter. On SQS a letter may hold many events.",
    }),
    eventId: idSchema.nullable().meta({ description: 'Null if the letter cannot be read.' }),
    type: z.string().nullable(),
    orderId: idSchema.nullable(),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Null where SQS itself set the message aside, after five deliveries.' }),
    isCounted: z.boolean().meta({ description: 'True if the statistics have the event: none is missing.' }),
  })
  .meta({ title: 'DeadLetter' });

export const deadLettersSchema = sectionSchema(
  z.object({
    events: z.array(deadLetterSchema),
    isComplete: z.boolean().meta({ description: 'False if there may be more.' }),
  }),
  'DeadLetters',
);

/**
 * The events in these letters, and whether the inbox has them. What is no event is listed without an id,
 * never left out.
 */
export async function deadLettersReply(read: Read, { letters, isComplete }: WaitingLetters) {
  const events = letters.flatMap(({ id, body, reason }) =>
    eventsIn(body).map((event) => ({ id, ...identityOf(event), reason: reason ?? null })),
  );
  const counted = new Set<string>();
  for (const ids of chunksOf([...new Set(events.flatMap(({ eventId }) => eventId ?? []))], IDS_MAX)) {
    const { countedAt } = await findCountedEvents(read, ids);
    for (const id of countedAt.keys()) counted.add(id);
  }
  return {
    events: events.map((event) => ({ ...event, isCounted: counted.has(event.eventId ?? '') })),
    isComplete,
  };
}

function eventsIn(body: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(body);
    const isMessage = Array.isArray(parsed) && parsed.length > 0 && parsed.length <= EVENTS_PER_MESSAGE_MAX;
    return isMessage ? parsed : [parsed];
  } catch {
    return [undefined];
  }
}

function identityOf(event: unknown) {
  const { id, type } = (event ?? {}) as { readonly id?: unknown; readonly type?: unknown };
  const known = idSchema.safeParse(id);
  return {
    eventId: known.success ? known.data : null,
    type: typeof type === 'string' ? type.slice(0, 100) : null,
    orderId: known.success ? orderIdOf(known.data) : null,
  };
}
