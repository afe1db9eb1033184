import { z } from 'zod';
import { listPage } from '../http/contract/list-page.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { idSchema, pageQueryShape, timeSchema } from '../http/contract/schemas.ts';
import { actorOf } from '../operators/admin-action.ts';
import { orderIdOf } from './order-event.ts';
import { listOutbox, type OutboxRow } from './outbox-sql.ts';
import { queueSectionSchema } from './queue-section.ts';
import { createRedrive, REDRIVE_MAX, type RedriveDependencies } from './redrive-events.ts';

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

export function eventRoutes(dependencies: RedriveDependencies): Route[] {
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
    replies: {
      200: z
        .object({
          status: z.enum(['finished', 'running']),
          moved: z.int().nullable().meta({ description: 'Dead letters sent back; null while it runs.' }),
        })
        .meta({ title: 'Redrive' }),
    },
    handle: async ({ caller, requestId }) => {
      const result = await redrive(actorOf(caller, requestId));
      return {
        status: 200,
        body: { status: result.code, moved: result.code === 'finished' ? result.moved : null },
      };
    },
  });

  return [listRoute, redriveRoute];
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
