import type { Redis } from 'ioredis';
import { Mutex } from 'redis-semaphore';
import type { Log } from '../observe/log.ts';
import { orLog } from '../observe/or-log.ts';
import type { RedisStore } from './redis.ts';

export interface RedisLockOptions {
  /** Names the work. Processes that use the same name exclude each other. */
  readonly name: string;
  /** The lock of a process that died becomes free after this long. */
  readonly ttlMs: number;
  /** Longest wait for a lock that another process holds. 0 tries once. */
  readonly waitMaxMs: number;
}

export type LockedOutcome<T> =
  | { readonly ran: true; readonly value: T }
  /** `held`: another process has the lock. `unavailable`: Redis does not respond. */
  | { readonly ran: false; readonly because: 'held' | 'unavailable' };

export interface RedisLocks {
  /**
   * Runs `work` while no other process runs it, as far as Redis knows. The lock avoids duplicate work and
   * protects nothing: after a pause longer than `ttlMs`, a failover or a flush a second process gets it. So
   * `work` must be harmless when done twice. `lost` aborts when the loss is noticed.
   *
   * Throws what `work` throws. Never throws for Redis.
   */
  tryRun<T>(options: RedisLockOptions, work: (lost: AbortSignal) => Promise<T>): Promise<LockedOutcome<T>>;
}

const RETRY_EVERY_MS = 50;
/** With `waitMaxMs` 0. redis-semaphore also waits after the last attempt. */
const RETRY_ONCE_MS = 1;
/** Refreshes per time to live, so that one may fail. */
const REFRESHES_PER_TTL = 3;

/**
 * redis-semaphore with limits everywhere. By default it waits 10 s for a lock, refreshes a lock once before
 * it expires, and throws inside a timer, where nothing can catch it, when Redis is unavailable at that
 * moment.
 */
export function createRedisLocks({
  store,
  log,
}: {
  readonly store: RedisStore;
  readonly log: Log;
}): RedisLocks {
  return {
    async tryRun({ name, ttlMs, waitMaxMs }, work) {
      const lost = new AbortController();
      const mutex = new Mutex(lockClient(store), name, {
        lockTimeout: ttlMs,
        refreshInterval: Math.floor(ttlMs / REFRESHES_PER_TTL),
        acquireTimeout: Math.max(waitMaxMs, RETRY_ONCE_MS),
        acquireAttemptsLimit: 1 + Math.floor(waitMaxMs / RETRY_EVERY_MS),
        retryInterval: waitMaxMs === 0 ? RETRY_ONCE_MS : RETRY_EVERY_MS,
        onLockLost: () => {
          log.warn('redis_lock_lost', { lock: name });
          lost.abort();
        },
      });
      const isMine = await orLog(() => mutex.tryAcquire(), {
        log,
        event: 'redis_lock_unavailable',
        fields: { lock: name },
      });
      if (isMine === undefined) return { ran: false, because: 'unavailable' };
      if (!isMine) return { ran: false, because: 'held' };
      try {
        return { ran: true, value: await work(lost.signal) };
      } finally {
        await mutex.release();
      }
    },
  };
}

/**
 * The commands of redis-semaphore, run through the store with its timeouts. A refresh or release that fails
 * counts as "not mine any more", because nothing could catch its error: the lock is lost then, or expires.
 */
function lockClient(store: RedisStore): Redis {
  const orNotMine = async (call: (redis: Redis) => Promise<unknown>): Promise<unknown> => {
    try {
      return await store.run(call);
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      // redis-semaphore then sends the script itself.
      if (cause instanceof Error && cause.message.startsWith('NOSCRIPT')) throw cause;
      return 0;
    }
  };
  const client = {
    set: (...args: Parameters<Redis['set']>) => store.run((redis) => redis.set(...args)),
    eval: (script: string, keyCount: number, ...args: string[]) =>
      orNotMine((redis) => redis.eval(script, keyCount, ...args)),
    evalsha: (sha1: string, keyCount: number, ...args: string[]) =>
      orNotMine((redis) => redis.evalsha(sha1, keyCount, ...args)),
  };
  return client as unknown as Redis;
}
