import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';
import type { RedisStore } from './redis.ts';
import { createRedisScript } from './redis-script.ts';

/** Send no command for this long after a failure, so that few callers wait for the timeout. */
const RETRY_AFTER_MS = 1000;

export interface SharedCount {
  readonly count: number;
  /** Time until the counter expires. */
  readonly leftMs: number;
}

/**
 * Counters in Redis that all processes add to. Never throws for Redis: undefined means that it gave no count.
 */
export interface SharedCounts {
  /**
   * Returns the count after the addition. A counter expires `windowMs` after its first addition. Undefined
   * without Redis, and for a new counter beyond `keysMax`.
   */
  add(key: string, amount: number, windowMs: number): Promise<SharedCount | undefined>;
  /** Returns the count, 0 when there is no such counter. */
  find(key: string): Promise<number | undefined>;
  remove(key: string): Promise<void>;
}

/**
 * KEYS[1] the counter. ARGV[1] the amount, ARGV[2] its time to live in ms, ARGV[3] the number of keys from
 * which on no new counter begins, 0 for no limit. Returns the count and the remaining time to live in ms; nil
 * when no new counter may begin. A negative amount for an expired counter is ignored: the amount was never
 * counted in the new window.
 */
const addTo = createRedisScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  if tonumber(ARGV[1]) < 0 then return {0, tonumber(ARGV[2])} end
  if tonumber(ARGV[3]) > 0 and redis.call('DBSIZE') >= tonumber(ARGV[3]) then return false end
end
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {count, left}`);

/**
 * @param options.keysMax limit of keys, for a cache that shares its node with data that must not be lost, as
 *   strangers decide how many parties there are. Beyond this many keys in the cache's logical database, each
 *   process counts new parties alone.
 */
export function createSharedCounts(options: {
  readonly redis: RedisStore;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly keysMax?: number | undefined;
}): SharedCounts {
  const { redis, nowMs, log, keysMax = 0 } = options;
  let retryAtMs = 0;
  let isUnavailable = false;

  const ask = async <T>(command: Parameters<typeof redis.run<T>>[0]): Promise<T | undefined> => {
    if (nowMs() < retryAtMs) return undefined;
    try {
      const answer = await redis.run(command);
      if (isUnavailable) log.info('shared_counts_available');
      isUnavailable = false;
      return answer;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      retryAtMs = nowMs() + RETRY_AFTER_MS;
      if (!isUnavailable) log.warn('shared_counts_unavailable', { reason: failureReason(error) });
      isUnavailable = true;
      return undefined;
    }
  };

  return {
    add: async (key, amount, windowMs) => {
      const answer = await ask((client) => addTo(client, [key], [amount, windowMs, keysMax]));
      if (answer === undefined || answer === null) return undefined;
      const [count, leftMs] = answer as [number, number];
      return { count, leftMs };
    },
    find: async (key) => {
      const answer = await ask((client) => client.get(key));
      return answer === undefined ? undefined : Number(answer);
    },
    remove: async (key) => {
      await ask((client) => client.del(key));
    },
  };
}
