import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { POPULAR_STALE_TTL_S, POPULAR_TTL_S, type PopularList } from './popular-list.ts';

/** Expires after 60 s, when the list must be rebuilt. */
const FRESH_KEY = 'popular:v1';
/** The same list, kept longer for processes without a local copy while it is being rebuilt. */
const LAST_KEY = 'popular:v1:last';

export interface CachedList {
  readonly list: PopularList;
  /** Remaining time to live. */
  readonly leftMs: number;
}

export type CacheRead =
  | { readonly code: 'read'; readonly fresh: CachedList | undefined; readonly last: CachedList | undefined }
  /** Redis does not respond. */
  | { readonly code: 'unavailable' };

/** The list that processes share. Its methods never throw for Redis. */
export interface PopularCache {
  /** A value that cannot be parsed counts as missing. */
  read(): Promise<CacheRead>;
  write(list: PopularList): Promise<void>;
}

export function createPopularCache({
  redis,
  log,
}: {
  readonly redis: RedisStore;
  readonly log: Log;
}): PopularCache {
  const parse = (value: string | null, leftMs: number): CachedList | undefined => {
    if (value === null || leftMs <= 0) return undefined;
    try {
      const list = JSON.parse(value) as PopularList | null;
      if (!Array.isArray(list?.data)) throw new TypeError('the cached value is not a list');
      return { list, leftMs };
    } catch (error) {
      log.warn('popular_cache_unreadable', { error });
      return undefined;
    }
  };

  return {
    async read() {
      const found = await orLog(
        () =>
          redis.run((client) =>
            Promise.all([
              client.get(FRESH_KEY),
              client.pttl(FRESH_KEY),
              client.get(LAST_KEY),
              client.pttl(LAST_KEY),
            ]),
          ),
        { log, event: 'popular_cache_unavailable' },
      );
      if (found === undefined) return { code: 'unavailable' };
      const [fresh, freshMs, last, lastMs] = found;
      return { code: 'read', fresh: parse(fresh, freshMs), last: parse(last, lastMs) };
    },
    async write(list) {
      const value = JSON.stringify(list);
      await orLog(
        () =>
          redis.run((client) =>
            Promise.all([
              client.set(FRESH_KEY, value, 'EX', POPULAR_TTL_S),
              client.set(LAST_KEY, value, 'EX', POPULAR_STALE_TTL_S),
            ]),
          ),
        { log, event: 'popular_cache_not_written' },
      );
    },
  };
}
