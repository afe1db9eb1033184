import { tagOf } from '../http/contract/tagged-reply.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { logFailure } from '../platform/observe/log-failure.ts';
import { pause } from '../platform/load/pause.ts';
import { createSingleFlight } from '../platform/load/single-flight.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import type { RedisLocks } from '../platform/redis/redis-lock.ts';
import { createPopularCache } from './popular-cache.ts';
import { POPULAR_STALE_TTL_S, POPULAR_TTL_S, type PopularList } from './popular-list.ts';
import { rankProducts } from './rank-products.ts';

/** If a process dies while it builds the list, its lock is free after `ttlMs`. */
const LOCK = { name: 'popular', ttlMs: 10_000, waitMaxMs: 0 };
/** Interval at which other processes check whether the list has been built. */
const POLL_MS = 50;
/** A process builds the list itself after waiting this long: without any list, and with a stale list. */
const WAIT_MAX_MS = 2000;
const WAIT_WITH_STALE_MAX_MS = 2 * LOCK.ttlMs;
/** Requests wait this long for a new list before they get the stale one, if there is one. */
const PATIENCE_MS = 300;
/** A stale list is returned for this long before requests wait for a new one again. */
const STALE_FOR_MS = 1000;

export interface PopularDependencies {
  readonly database: Database;
  readonly cache: RedisStore;
  readonly locks: RedisLocks;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Called for each request, and each time that MySQL had to be asked. */
  readonly count?: (what: 'request' | 'build') => void;
}

/** This process's copy of the list. */
export interface PopularCopy {
  readonly list: PopularList;
  /** Until then the copy is returned without querying Redis or MySQL. */
  readonly untilMs: number;
  /** Until then the copy may be returned if there is no newer list. */
  readonly staleUntilMs: number;
  /** The JSON body with the first `limit` products, built once, and its ETag. */
  readonly answer: (limit: number) => { readonly body: Buffer; readonly etag: string };
}

/**
 * Returns a function that gives the twenty best-selling products of the last 72 hours, at most 60 s old. It
 * takes them from memory; otherwise from Redis, for their remaining time there; otherwise from the statistics
 * table, and then caches them in Redis.
 *
 * One process of the fleet queries the table, and one request per process refreshes; the others wait for it.
 * If a new list takes longer than 300 ms or is unavailable, the last one is returned, up to ten minutes old.
 * Without Redis, each process queries MySQL once per 60 s. Throws OperationalError if there is no list at
 * all.
 */
export function createPopularProducts(dependencies: PopularDependencies): () => Promise<PopularCopy> {
  const { nowMs, log } = dependencies;
  let copy: PopularCopy | undefined;

  const hasStale = () => copy !== undefined && copy.staleUntilMs > nowMs();
  const refresh = createRefresh(dependencies, {
    hasStale,
    holdStale: (last) => {
      if (copy === undefined || copy.list.generatedAt < last.list.generatedAt) copy = last;
    },
  });

  const refreshing = createSingleFlight(async () => {
    try {
      copy = await refresh();
      return copy;
    } catch (error) {
      // Log here: requests that got the stale list do not see the error.
      logFailure(error, { log, failed: 'popular_refresh_failed', crashed: 'popular_refresh_crashed' });
      throw error;
    }
  });
  const stale = (): PopularCopy | undefined => {
    if (copy === undefined || !hasStale()) return undefined;
    copy = { ...copy, untilMs: nowMs() + STALE_FOR_MS };
    return copy;
  };
  const freshOrStale = async (): Promise<PopularCopy> => {
    // If a refresh is running, an earlier request has already waited for it.
    const atOnce = refreshing.running() === undefined ? undefined : stale();
    if (atOnce !== undefined) return atOnce;
    const started = refreshing.run();
    const waiting = new AbortController();
    try {
      const inTime = await Promise.race([started, pause(PATIENCE_MS, waiting.signal)]);
      return inTime ?? stale() ?? (await started);
    } catch (error) {
      const last = stale();
      if (last === undefined) throw error;
      return last;
    } finally {
      waiting.abort();
    }
  };

  const answering = createSingleFlight(freshOrStale);

  return async () => {
    dependencies.count?.('request');
    return copy !== undefined && copy.untilMs > nowMs() ? copy : answering.run();
  };
}

type FromCache =
  | { readonly code: 'fresh'; readonly copy: PopularCopy }
  | { readonly code: 'none' | 'unavailable' };

/** Finds a fresh list or builds one. If Redis has only a stale list, `holdStale` receives it. */
function createRefresh(
  { database, cache: redis, locks, nowMs, log, count }: PopularDependencies,
  { hasStale, holdStale }: { hasStale: () => boolean; holdStale: (last: PopularCopy) => void },
): () => Promise<PopularCopy> {
  const cache = createPopularCache({ redis, log });

  const fromCache = async (): Promise<FromCache> => {
    const found = await cache.read();
    if (found.code === 'unavailable') return found;
    const { fresh, last } = found;
    if (fresh !== undefined) {
      const staleMs = (POPULAR_STALE_TTL_S - POPULAR_TTL_S) * 1000;
      const untilMs = nowMs() + fresh.leftMs;
      return { code: 'fresh', copy: copyOf(fresh.list, { untilMs, staleUntilMs: untilMs + staleMs }) };
    }
    if (last !== undefined) holdStale(copyOf(last.list, { untilMs: 0, staleUntilMs: nowMs() + last.leftMs }));
    return { code: 'none' };
  };
  const build = async (): Promise<PopularCopy> => {
    const madeAtMs = nowMs();
    count?.('build');
    const list = await rankProducts(database, database.nowMs());
    log.info('popular_list_built', { durationMs: nowMs() - madeAtMs });
    const untilMs = madeAtMs + POPULAR_TTL_S * 1000;
    return copyOf(list, { untilMs, staleUntilMs: madeAtMs + POPULAR_STALE_TTL_S * 1000 });
  };
  const share = async (built: PopularCopy): Promise<PopularCopy> => {
    await cache.write(built.list);
    return built;
  };

  return async () => {
    const startMs = nowMs();
    for (;;) {
      const found = await fromCache();
      // Build the list locally: it cannot be shared without Redis.
      if (found.code === 'unavailable') return build();
      if (found.code === 'fresh') return found.copy;
      const outcome = await locks.tryRun(LOCK, async () => {
        // Another process may have built the list between the read and the lock.
        const since = await fromCache();
        return since.code === 'fresh' ? since.copy : share(await build());
      });
      if (outcome.ran) return outcome.value;
      const waitMaxMs = hasStale() ? WAIT_WITH_STALE_MAX_MS : WAIT_MAX_MS;
      if (outcome.because === 'unavailable' || nowMs() - startMs >= waitMaxMs) return share(await build());
      await pause(POLL_MS, new AbortController().signal);
    }
  };
}

function copyOf(list: PopularList, times: Pick<PopularCopy, 'untilMs' | 'staleUntilMs'>): PopularCopy {
  const answers = new Map<number, { body: Buffer; etag: string }>();
  return {
    list,
    ...times,
    answer: (limit) => {
      const known = answers.get(limit);
      if (known !== undefined) return known;
      const body = Buffer.from(JSON.stringify({ ...list, data: list.data.slice(0, limit) }));
      const made = { body, etag: tagOf(body) };
      answers.set(limit, made);
      return made;
    },
  };
}
