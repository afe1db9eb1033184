import { z } from 'zod';
import { timeSchema } from '../http/contract/schemas.ts';
import { BUCKET_MS, type FleetTraffic, type TrafficBucket } from './shared-traffic.ts';
import { fields, latencyAt } from './traffic-counts.ts';

/** What `lastMinute` covers. */
const MINUTE_MS = 60_000;
const ORDER_PREFIX = fields.order('');

const ordersSchema = z.record(z.string(), z.int()).meta({
  description: 'Number of orders by result: `placed`, `replayed`, or the problem code of the rejection.',
});
const latencyShape = {
  p50Ms: z.int().nullable(),
  p99Ms: z.int().nullable().meta({
    description:
      'Upper bound of the class that the value is in; classes widen by a half. Null without requests.',
  }),
};

export const trafficSchema = z
  .object({
    bucketMs: z.int(),
    lastMinute: z
      .object({
        knownMs: z.int().meta({ description: 'How much of the minute was reported; the rates are of that.' }),
        ordersPerS: z.number().nullable(),
        orders: ordersSchema,
        requestsPerS: z.number().nullable(),
        serverErrors: z.int(),
        shed: z.int(),
        rateLimited: z.int(),
        ...latencyShape,
        popularHitRate: z
          .number()
          .nullable()
          .meta({ description: 'Share of requests for the popular list that did not ask MySQL.' }),
      })
      .meta({ title: 'TrafficMinute' }),
    buckets: z.array(
      z
        .object({
          at: timeSchema.meta({ description: 'Start of the bucket.' }),
          processes: z.int().meta({ description: 'Processes that reported.' }),
          orders: ordersSchema,
          requests: z.int(),
          serverErrors: z.int(),
          shed: z.int(),
          rateLimited: z.int(),
          ...latencyShape,
        })
        .meta({ title: 'TrafficBucket' }),
    ),
  })
  .meta({ title: 'Traffic', description: 'Buckets that no process reported are absent: unknown, not zero.' });

export const processStateSchema = z
  .object({ id: z.string(), at: timeSchema, ordersWaiting: z.int(), eventsWaiting: z.int() })
  .meta({ title: 'ProcessState' });

export function trafficReply({ buckets, untilMs }: FleetTraffic): z.infer<typeof trafficSchema> {
  const recent = buckets.filter(({ startMs }) => startMs >= untilMs - MINUTE_MS);
  const sums = new Map<string, number>();
  for (const bucket of recent) {
    for (const [field, sum] of bucket.sums) sums.set(field, (sums.get(field) ?? 0) + sum);
  }
  const knownMs = recent.length * BUCKET_MS;
  const perS = (sum: number) => (knownMs === 0 ? null : Math.round((sum * 10_000) / knownMs) / 10);
  const asked = sums.get(fields.popular('request')) ?? 0;
  const built = sums.get(fields.popular('build')) ?? 0;
  const orders = ordersOf(sums);
  return {
    bucketMs: BUCKET_MS,
    lastMinute: {
      knownMs,
      ordersPerS: perS(orders['placed'] ?? 0),
      orders,
      requestsPerS: perS(sums.get(fields.requests) ?? 0),
      ...httpOf(sums),
      popularHitRate: asked === 0 ? null : Math.max(0, 1 - built / asked),
    },
    buckets: buckets.map(bucketReply),
  };
}

function bucketReply({ startMs, processes, sums }: TrafficBucket) {
  return {
    at: new Date(startMs).toISOString(),
    processes,
    orders: ordersOf(sums),
    requests: sums.get(fields.requests) ?? 0,
    ...httpOf(sums),
  };
}

function ordersOf(sums: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(
    [...sums].flatMap(([field, sum]) =>
      field.startsWith(ORDER_PREFIX) ? [[field.slice(ORDER_PREFIX.length), sum]] : [],
    ),
  );
}

function httpOf(sums: ReadonlyMap<string, number>) {
  return {
    serverErrors: sums.get(fields.serverErrors) ?? 0,
    shed: sums.get(fields.shed) ?? 0,
    rateLimited: sums.get(fields.rateLimited) ?? 0,
    p50Ms: latencyAt(0.5, sums),
    p99Ms: latencyAt(0.99, sums),
  };
}
