import { z } from 'zod';
import { readRuns } from '../audit/checkpoint-sql.ts';
import { type QueueSection, queueSectionSchema } from '../events/queue-section.ts';
import { readOutboxBacklog } from '../events/outbox-sql.ts';
import { keepFor, readSection, sectionSchema } from '../http/contract/section.ts';
import { tagOf } from '../http/contract/tagged-reply.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { timeSchema } from '../http/contract/schemas.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { readTraffic } from './shared-traffic.ts';
import { processStateSchema, trafficReply, trafficSchema } from './traffic-reply.ts';

/** However many consoles poll, each process asks the servers this often. */
const OVERVIEW_TTL_MS = 1000;

const overviewSchema = z
  .object({
    generatedAt: timeSchema,
    traffic: sectionSchema(trafficSchema, 'TrafficSection'),
    processes: sectionSchema(z.array(processStateSchema), 'ProcessesSection'),
    outbox: sectionSchema(
      z.object({
        events: z.int().meta({ description: 'Waiting events; counted up to 100,000.' }),
        oldestAgeMs: z.number().nullable(),
      }),
      'OutboxSection',
    ),
    queue: queueSectionSchema,
    audit: sectionSchema(
      z.object({
        lastAt: timeSchema.nullable().meta({ description: 'When the last scheduled audit began.' }),
        lastFullAt: timeSchema.nullable(),
        brokenRows: z
          .int()
          .nullable()
          .meta({ description: 'Rows known not to add up; null before the first.' }),
      }),
      'AuditSection',
    ),
    dependencies: sectionSchema(
      z.record(z.string(), z.object({ status: z.enum(['up', 'down']), durationMs: z.number() })),
      'DependenciesSection',
    ),
  })
  .meta({ title: 'Overview' });

export interface OverviewDependencies {
  readonly database: Database;
  /** Where `reportTraffic` writes. */
  readonly redis: RedisStore;
  readonly queue: QueueSection;
  readonly checkDependencies: () => Promise<Record<string, { status: 'up' | 'down'; durationMs: number }>>;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  readonly log: Log;
}

export function overviewRoutes(dependencies: OverviewDependencies): Route[] {
  const { steadyMs } = dependencies;
  const overview = keepFor(OVERVIEW_TTL_MS, steadyMs, createOverview(dependencies));

  const overviewRoute = defineRoute({
    id: 'readOverview',
    method: 'get',
    path: '/admin/overview',
    tag: 'Administration',
    summary:
      'Read how the whole fleet is doing: orders and requests of the last five minutes, outbox, queue, ' +
      'drift and dependencies. Made to be polled: with `If-None-Match` an unchanged overview is 304. Each ' +
      'part says of when it is, and is null with a reason when it could not be read.',
    access: 'viewer',
    schema: {},
    replies: { 200: overviewSchema, 304: null },
    replyHeaders: ['ETag'],
    handle: async () => {
      const { body, etag } = await overview.read();
      // Private, so no cache may keep it; the client sends the ETag itself.
      return { status: 200, headers: { ETag: etag, 'Cache-Control': 'no-store' }, body };
    },
  });

  return [overviewRoute];
}

function createOverview(dependencies: OverviewDependencies) {
  const { database, redis, queue, checkDependencies, nowMs } = dependencies;
  return async (): Promise<{ body: string; etag: string }> => {
    const fleet = readTraffic(redis, nowMs());
    const [traffic, processes, outbox, queued, audit, checked] = await Promise.all([
      readSection('redisCache', dependencies, async () => {
        const read = await fleet;
        return { value: trafficReply(read), atMs: read.untilMs };
      }),
      readSection('redisCache', dependencies, async () => ({ value: statesOf((await fleet).processes) })),
      readSection('mysql', dependencies, async () => ({ value: await readOutboxBacklog(database) })),
      queue.read(),
      readSection('mysql', dependencies, async () => ({ value: await lastAudits(database) })),
      readSection('dependencies', dependencies, async () => ({ value: await checkDependencies() })),
    ]);
    const generatedAt = new Date(nowMs());
    const parts = { traffic, processes, outbox, queue: queued, audit, dependencies: checked };
    const body = JSON.stringify({ generatedAt, ...parts });
    return { body, etag: tagOf(body) };
  };
}

function statesOf(processes: Awaited<ReturnType<typeof readTraffic>>['processes']) {
  return processes.map(({ atMs, ...state }) => ({ ...state, at: new Date(atMs).toISOString() }));
}

async function lastAudits(database: Database) {
  const runs = await readRuns(database);
  const scheduled = runs.get('SCHEDULED');
  return {
    lastAt: scheduled?.at ?? null,
    lastFullAt: runs.get('FULL')?.at ?? null,
    brokenRows: scheduled?.brokenRows ?? null,
  };
}
