import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import { pause } from '../platform/load/pause.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import type { TrafficCounts } from './traffic-counts.ts';

/** One bucket per two seconds for five minutes: 150 hashes of some thirty numbers. */
export const BUCKET_MS = 2000;
const BUCKETS_KEPT = 150;
/** Longer than they are read, so that a reader never meets one that expires. */
const BUCKET_TTL_S = 600;
/** A process that has not reported for this long has stopped, or does not reach Redis. */
const PROCESS_SILENT_MS = 3 * BUCKET_MS;
const PROCESSES_TTL_S = 60;

/** Field with the number of processes that reported. A bucket without it is unknown, not zero. */
const PROCESSES = 'processes';
const PROCESSES_KEY = 'traffic:processes';
const bucketKey = (startMs: number) => `traffic:${startMs}`;

/** What the fleet did in one bucket. */
export interface TrafficBucket {
  readonly startMs: number;
  readonly processes: number;
  readonly sums: ReadonlyMap<string, number>;
}

/** The state of a process, at its last report. */
export interface ProcessState {
  readonly id: string;
  readonly atMs: number;
  /** Orders that wait for the transaction in flight. */
  readonly ordersWaiting: number;
  /** Events that wait in memory to be sent. */
  readonly eventsWaiting: number;
}

export interface ReportTrafficDependencies {
  /** Role cache: the sums may be lost. */
  readonly redis: RedisStore;
  readonly counts: TrafficCounts;
  readonly processId: string;
  /** The database's clock, by which the processes agree on buckets. */
  readonly nowMs: () => number;
  readonly stateOf: () => Pick<ProcessState, 'ordersWaiting' | 'eventsWaiting'>;
  readonly log: Log;
}

/**
 * Adds this process's counts to the fleet's, once per bucket and in one round trip, until the signal aborts.
 * Counts that Redis did not take are dropped: added later, they would be in the wrong bucket.
 */
export async function reportTraffic(
  dependencies: ReportTrafficDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { nowMs, log } = dependencies;
  while (!signal.aborted) {
    await pause(BUCKET_MS - (nowMs() % BUCKET_MS), signal);
    await orLog(() => reportOnce(dependencies), { log, event: 'traffic_not_reported' });
  }
}

/** Reports to the bucket that has just ended. */
export async function reportOnce(dependencies: Omit<ReportTrafficDependencies, 'log'>): Promise<void> {
  const { redis, counts, processId, nowMs, stateOf } = dependencies;
  const atMs = nowMs();
  const sums = counts.take();
  // The timer fires around the end of the bucket.
  const key = bucketKey(Math.floor((atMs - BUCKET_MS / 2) / BUCKET_MS) * BUCKET_MS);
  const state: ProcessState = { id: processId, atMs, ...stateOf() };
  await redis.run((client) =>
    Promise.all([
      client.hincrby(key, PROCESSES, 1),
      ...[...sums].map(([field, sum]) => client.hincrby(key, field, sum)),
      client.expire(key, BUCKET_TTL_S),
      client.hset(PROCESSES_KEY, processId, JSON.stringify(state)),
      client.expire(PROCESSES_KEY, PROCESSES_TTL_S),
    ]),
  );
}

export interface FleetTraffic {
  /** Oldest first. Buckets without a report are absent. */
  readonly buckets: readonly TrafficBucket[];
  readonly processes: readonly ProcessState[];
  /** End of the last bucket that may be complete. */
  readonly untilMs: number;
}

/** The buckets of the last five minutes. Throws OperationalError without Redis. */
export async function readTraffic(redis: RedisStore, nowMs: number): Promise<FleetTraffic> {
  // The current bucket has no reports yet, and some of the one before may be on their way.
  const untilMs = Math.floor(nowMs / BUCKET_MS - 1) * BUCKET_MS;
  const starts = Array.from(
    { length: BUCKETS_KEPT },
    (_, index) => untilMs - (BUCKETS_KEPT - index) * BUCKET_MS,
  );
  const [states, ...hashes] = await redis.run((client) =>
    Promise.all([
      client.hgetall(PROCESSES_KEY),
      ...starts.map((startMs) => client.hgetall(bucketKey(startMs))),
    ]),
  );
  const all = Object.values(states).map((json) => JSON.parse(json) as ProcessState);
  const isSilent = ({ atMs }: ProcessState) => nowMs - atMs > PROCESS_SILENT_MS;
  const silent = all.filter(isSilent).map(({ id }) => id);
  // Without this, every restart would leave an entry while others keep the key alive.
  if (silent.length > 0) await redis.run((client) => client.hdel(PROCESSES_KEY, ...silent));
  return {
    buckets: starts.flatMap((startMs, index) => bucketOf(startMs, hashes[index] ?? {})),
    processes: all.filter((state) => !isSilent(state)),
    untilMs,
  };
}

function bucketOf(startMs: number, hash: Readonly<Record<string, string>>): TrafficBucket[] {
  const { [PROCESSES]: processes, ...rest } = hash;
  if (processes === undefined) return [];
  const sums = new Map(Object.entries(rest).map(([field, sum]) => [field, Number(sum)]));
  return [{ startMs, processes: Number(processes), sums }];
}
