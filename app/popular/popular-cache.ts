import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { POPULAR_STALE_TTL_S, POPULAR_TTL_S, type PopularList } from './popular-list.ts';

/** Gone after 60 s, when the list is to be made again. */
const FRESH_KEY = 'popular:v1';
/** The same list, for a process that has none of its own while it is being made again. */
const LAST_KEY = 'popular:v1:last';

export interface CachedList {
  readonly list: PopularList;
  /** How long it may stay where it is. */
  readonly leftMs: number;
}

/** The list that the processes share. Its methods never throw for Redis. */
export interface PopularCache {
  /** `unavailable` when Redis does not answer. A value that cannot be read counts as none. */
  read(): Promise<{ readonly fresh?: CachedList; readonly last?: CachedList } | 'unavailable'>;
  write(list: PopularList): Promise<void>;
}

export function popularCache(redis: RedisStore, log: Log): PopularCache {
  const parse = (value: string | null, leftMs: number): CachedList | undefined => {
    if (value === null || leftMs <= 0) return undefined;
    try {
      const list = JSON.parse(value) as PopularList | null;
      if (!Array.isArray(list?.data)) throw new TypeError('what is cached is no list');
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
      if (found === undefined) return 'unavailable';
      const [fresh, freshMs, last, lastMs] = found;
      const [freshList, lastList] = [parse(fresh, freshMs), parse(last, lastMs)];
      return {
        ...(freshList === undefined ? {} : { fresh: freshList }),
        ...(lastList === undefined ? {} : { last: lastList }),
      };
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
        { log, event: 'popular_cache_unwritable' },
      );
    },
  };
}
