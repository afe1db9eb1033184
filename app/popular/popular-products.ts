import { tagOf } from '../http/contract/tagged-reply.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { logFailure } from '../platform/observe/log-failure.ts';
import { pause } from '../platform/load/pause.ts';
import { createSingleFlight } from '../platform/load/single-flight.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import type { RedisLocks } from '../platform/redis/redis-lock.ts';
import { popularCache } from './popular-cache.ts';
import { POPULAR_STALE_TTL_S, POPULAR_TTL_S, type PopularList } from './popular-list.ts';
import { rankProducts } from './rank-products.ts';

/** The lock of a process that dies while it makes the list is free after this long. */
const LOCK = { name: 'popular', ttlMs: 10_000, waitMaxMs: 0 };
/** How often a process looks whether the one that makes the list is done. */
const POLL_MS = 50;
/** And for how long, before it makes the list itself: with nothing to answer, and with a stale list. */
const WAIT_MAX_MS = 2000;
const WAIT_WITH_STALE_MAX_MS = 2 * LOCK.ttlMs;
/** Requests wait this long for a new list before they get the stale one, where there is one. */
const PATIENCE_MS = 300;
/** A stale list is answered for this long before a new one is waited for again. */
const STALE_FOR_MS = 1000;

export interface PopularDependencies {
  readonly database: Database;
  readonly cache: RedisStore;
  readonly locks: RedisLocks;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** The list as this process holds it. */
export interface PopularCopy {
  readonly list: PopularList;
  /** Until then it is answered without a look anywhere. */
  readonly untilMs: number;
  /** Until then it is better than no answer. */
  readonly staleUntilMs: number;
  /** The answer with the first `limit` products, as JSON, made once, and its ETag. */
  readonly answer: (limit: number) => { readonly body: Buffer; readonly etag: string };
}

/**
 * Gives the twenty best-selling products of the last 72 hours, at most 60 s old: from memory, else from Redis with what
 * is left of its time there, else from the statistics table and then into Redis.
 *
 * One process of the fleet asks the table, and one request of a process looks; the others wait for it. When the new
 * list takes longer than 300 ms, or cannot be had, the last one is given, up to ten minutes old. Without Redis each
 * process asks MySQL, once in 60 s. Throws OperationalError when there is no list at all.
 */
export function popularProducts(dependencies: PopularDependencies): () => Promise<PopularCopy> {
  const { nowMs, log } = dependencies;
  let copy: PopularCopy | undefined;

  const hasStale = () => copy !== undefined && copy.staleUntilMs > nowMs();
  const refresh = popularRefresh(dependencies, {
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
      // Logged here, because callers who have got the stale list do not see the error.
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
    // An earlier request has waited for this refresh already.
    const atOnce = refreshing.running() === undefined ? undefined : stale();
    if (atOnce !== undefined) return atOnce;
    const begun = refreshing.run();
    const waiting = new AbortController();
    try {
      return (await Promise.race([begun, pause(PATIENCE_MS, waiting.signal)])) ?? stale() ?? (await begun);
    } catch (error) {
      const last = stale();
      if (last === undefined) throw error;
      return last;
    } finally {
      waiting.abort();
    }
  };

  const answering = createSingleFlight(freshOrStale);

  return async () => (copy !== undefined && copy.untilMs > nowMs() ? copy : answering.run());
}

/** Finds a list that is good for now, or makes it. `holdStale` gets what Redis has for want of a better one. */
function popularRefresh(
  { database, cache: redis, locks, nowMs, log }: PopularDependencies,
  { hasStale, holdStale }: { hasStale: () => boolean; holdStale: (last: PopularCopy) => void },
): () => Promise<PopularCopy> {
  const cache = popularCache(redis, log);

  const fromCache = async (): Promise<PopularCopy | 'none' | 'unavailable'> => {
    const found = await cache.read();
    if (found === 'unavailable') return found;
    const { fresh, last } = found;
    if (fresh !== undefined) {
      const staleMs = (POPULAR_STALE_TTL_S - POPULAR_TTL_S) * 1000;
      const untilMs = nowMs() + fresh.leftMs;
      return copyOf(fresh.list, { untilMs, staleUntilMs: untilMs + staleMs });
    }
    if (last !== undefined) holdStale(copyOf(last.list, { untilMs: 0, staleUntilMs: nowMs() + last.leftMs }));
    return 'none';
  };
  const make = async (): Promise<PopularCopy> => {
    const madeAtMs = nowMs();
    const list = await rankProducts(database, database.nowMs());
    log.info('popular_list_made', { durationMs: nowMs() - madeAtMs });
    const untilMs = madeAtMs + POPULAR_TTL_S * 1000;
    return copyOf(list, { untilMs, staleUntilMs: madeAtMs + POPULAR_STALE_TTL_S * 1000 });
  };
  const share = async (made: PopularCopy): Promise<PopularCopy> => {
    await cache.write(made.list);
    return made;
  };

  return async () => {
    const startMs = nowMs();
    for (;;) {
      const found = await fromCache();
      // Nobody could be told of the list, and nobody else's could be heard of.
      if (found === 'unavailable') return make();
      if (found !== 'none') return found;
      const outcome = await locks.tryRun(LOCK, async () => {
        // Another one may have been done with it between the look and the lock.
        const since = await fromCache();
        return typeof since === 'string' ? share(await make()) : since;
      });
      if (outcome.ran) return outcome.value;
      const waitMaxMs = hasStale() ? WAIT_WITH_STALE_MAX_MS : WAIT_MAX_MS;
      if (outcome.because === 'unavailable' || nowMs() - startMs >= waitMaxMs) return share(await make());
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
