import { z } from 'zod';
import { type Kept, keepFor, readSection, type Section, sectionSchema } from '../http/contract/section.ts';
import type { EventBacklog, EventTransport } from '../platform/event-transport.ts';
import type { Log } from '../platform/observe/log.ts';

/** A question about a queue is a request that AWS charges for. */
const QUEUE_TTL_MS = 10_000;

export const queueSectionSchema = sectionSchema(
  z.object({
    transport: z.enum(['sqs', 'kafka']),
    messages: z.int().meta({
      description:
        'Messages, not events, that are sent and not counted yet. On Kafka a message is one event; on SQS ' +
        'it holds up to 128.',
    }),
    deadLetters: z.int().meta({
      description:
        'Dead letters, not events, that were not sent back since. On SQS one may hold many events.',
    }),
  }),
  'QueueSection',
);

export type QueueSection = Kept<Section<EventBacklog & { readonly transport: EventTransport['name'] }>>;

/** The backlog of the transport, requested at most every ten seconds. */
export function createQueueSection(dependencies: {
  readonly events: Pick<EventTransport, 'name' | 'readBacklog'>;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  readonly log: Log;
}): QueueSection {
  const { events, steadyMs } = dependencies;
  return keepFor(QUEUE_TTL_MS, steadyMs, () =>
    readSection(events.name, dependencies, async () => ({
      value: { transport: events.name, ...(await events.readBacklog()) },
    })),
  );
}
