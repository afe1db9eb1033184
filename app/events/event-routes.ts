import { z } from 'zod';
import { problem } from '../http/contract/problem.ts';
import { listPage } from '../http/contract/list-page.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { idSchema, pageQueryShape, timeSchema } from '../http/contract/schemas.ts';
import { readSection } from '../http/contract/section.ts';
import { actorOf } from '../operators/admin-action.ts';
import type { EventTransport } from '../platform/event-transport.ts';
import { createSingleFlight } from '../platform/load/single-flight.ts';
import { deadLettersReply, deadLettersSchema, letterIdSchema, LETTERS_MAX } from './dead-letter-reply.ts';
import { orderIdOf } from './order-event.ts';
import { listOutbox, type OutboxRow } from './outbox-sql.ts';
import { queueSectionSchema } from './queue-section.ts';
import {
  createRedrive,
  REDRIVE_MAX,
  type RedriveDependencies,
  type RedriveResult,
} from './redrive-events.ts';

const outboxEventSchema = z
  .object({
    id: idSchema,
    type: z.string(),
    orderId: idSchema,
    createdAt: timeSchema,
    attempts: z.int().meta({ description: 'How often a relay has tried to send it.' }),
    nextAttemptAt: timeSchema.meta({ description: 'A relay may send it from then on.' }),
  })
  .meta({ title: 'OutboxEvent' });

export interface EventRoutesDependencies extends RedriveDependencies {
  readonly events: Pick<EventTransport, 'name' | 'redrive' | 'redriveOne' | 'readDeadLetters'>;
  readonly nowMs: () => number;
}

export function eventRoutes(dependencies: EventRoutesDependencies): Route[] {
  const { database, queue } = dependencies;
  const redrive = createRedrive(dependencies);

  const listRoute = defineRoute({
    id: 'listEvents',
    method: 'get',
    path: '/admin/events',
    tag: 'Administration',
    summary: 'List the events that wait in the outbox, oldest orders first, and count what the queue holds.',
    access: 'viewer',
    schema: { query: z.object(pageQueryShape(idSchema)) },
    replies: {
      200: z
        .object({
          data: z.array(outboxEventSchema),
          nextCursor: z.string().nullable(),
          queue: queueSectionSchema,
        })
        .meta({ title: 'EventPage' }),
    },
    handle: async ({ query }) => {
      const [{ page, nextCursor }, queued] = await Promise.all([
        listPage({
          limit: query.limit,
          read: (limit) => listOutbox(database.read, { afterId: query.cursor, limit }),
          keyOf: ({ eventId }) => eventId,
        }),
        queue.read(),
      ]);
      return { status: 200, body: { data: page.map(outboxReply), nextCursor, queue: queued } };
    },
  });

  const redriveRoute = defineRoute({
    id: 'redriveEvents',
    method: 'post',
    path: '/admin/events/redrive',
    tag: 'Administration',
    summary:
      `Send up to ${REDRIVE_MAX.toLocaleString('en')} dead letters back to the consumer. ` +
      'Safe to repeat: an ' +
      'event is counted once. `running` means that it takes longer than a request may.',
    access: 'operator',
    schema: {},
    replies: { 200: redriveSchema },
    handle: async ({ caller, requestId }) => redriveReply(await redrive.all(actorOf(caller, requestId))),
  });

  const redriveOneRoute = defineRoute({
    id: 'redriveDeadLetter',
    method: 'post',
    path: '/admin/events/dead-letters/:letterId/redrive',
    tag: 'Administration',
    summary:
      'Send one dead letter back to the consumer, with all its events. Safe to repeat: an event is counted ' +
      'once. On Kafka, which deletes no single record, the letter may stay listed; `isCounted` then says ' +
      'that it was counted.',
    access: 'operator',
    schema: { path: z.object({ letterId: letterIdSchema }) },
    replies: { 200: redriveSchema },
    problems: ['dead_letter_not_found'],
    handle: async ({ caller, requestId, path }) => {
      const result = await redrive.one(actorOf(caller, requestId), path.letterId);
      return result.code === 'dead_letter_not_found' ? problem(result.code) : redriveReply(result);
    },
  });

  return [listRoute, deadLettersRoute(dependencies), redriveRoute, redriveOneRoute];
}

const redriveSchema = z
  .object({
    status: z.enum(['finished', 'running']),
    moved: z.int().nullable().meta({ description: 'Dead letters sent back; null while it runs.' }),
  })
  .meta({ title: 'Redrive' });

function redriveReply(result: RedriveResult) {
  const moved = result.code === 'finished' ? result.moved : null;
  return { status: 200 as const, body: { status: result.code, moved } };
}

function deadLettersRoute(dependencies: EventRoutesDependencies): Route {
  const { events, database } = dependencies;
  const read = createSingleFlight(async () => {
    const { value, ...section } = await readSection(events.name, dependencies, async () => ({
      value: await events.readDeadLetters(LETTERS_MAX),
    }));
    return { ...section, value: value && (await deadLettersReply(database.read, value)) };
  });
  return defineRoute({
    id: 'listDeadLetters',
    method: 'get',
    path: '/admin/events/dead-letters',
    tag: 'Administration',
    summary:
      `Read the events of up to ${LETTERS_MAX} dead letters, with the reason where one is known. It takes ` +
      'none away. SQS hides what was read for three seconds; other readings and redrives wait for it.',
    access: 'viewer',
    schema: {},
    replies: { 200: deadLettersSchema },
    handle: async () => ({ status: 200, headers: { 'Cache-Control': 'no-store' }, body: await read.run() }),
  });
}

function outboxReply({ eventId, type, createdAt, attempts, claimedUntil }: OutboxRow) {
  return {
    id: eventId,
    type,
    orderId: orderIdOf(eventId),
    createdAt,
    attempts,
    nextAttemptAt: claimedUntil,
  };
}
