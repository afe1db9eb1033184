import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';
import type { RedisStore } from './redis.ts';
import { redisScript } from './redis-script.ts';

/** After a failure Redis is left alone for this long: nobody else waits for its timeout meanwhile. */
const AWAY_MS = 1000;

export interface SharedCount {
  readonly count: number;
  /** Until the counter is gone. */
  readonly leftMs: number;
}

/** Counters in Redis that every process adds to. Never throws: without Redis, or a place in it, there is no answer. */
export interface SharedCounts {
  /** The count after the addition. A counter lives for `windowMs` from its first addition on. */
  add(key: string, amount: number, windowMs: number): Promise<SharedCount | undefined>;
  /** 0 where there is none. */
  find(key: string): Promise<number | undefined>;
  remove(key: string): Promise<void>;
}

/**
 * KEYS[1] the counter. ARGV[1] what is added, ARGV[2] its life in ms, ARGV[3] how many keys there may be before another
 * counter begins, or 0. Returns the count and what is left of its life in ms, or nothing where there is no place for it.
 * What is taken from a counter that has ended meanwhile was not counted there.
 */
const addTo = redisScript(`
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
 * @param options.keysMax where the cache shares its node with what must not be lost: strangers choose how many parties
 * there are to count, so beyond this many keys in the cache's logical database a new one is counted by each process for itself.
 */
export function sharedCounts(
  redis: RedisStore,
  { nowMs, log, keysMax = 0 }: { nowMs: () => number; log: Log; keysMax?: number | undefined },
): SharedCounts {
  let awayUntilMs = 0;
  let isAway = false;

  const ask = async <T>(command: Parameters<typeof redis.run<T>>[0]): Promise<T | undefined> => {
    if (nowMs() < awayUntilMs) return undefined;
    try {
      const answer = await redis.run(command);
      if (isAway) log.info('shared_counts_back');
      isAway = false;
      return answer;
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      awayUntilMs = nowMs() + AWAY_MS;
      if (!isAway) log.warn('shared_counts_away', { reason: failureReason(error) });
      isAway = true;
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
