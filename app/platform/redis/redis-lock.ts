import type { Redis } from 'ioredis';
import { Mutex } from 'redis-semaphore';
import type { Log } from '../observe/log.ts';
import { orLog } from '../observe/or-log.ts';
import type { RedisStore } from './redis.ts';

export interface RedisLockOptions {
  /** Names the work. Processes that name the same one take turns. */
  readonly name: string;
  /** The lock of a process that has died is free after this long. */
  readonly ttlMs: number;
  /** Longest wait for a lock that another one has; 0 asks once. */
  readonly waitMaxMs: number;
}

export type LockedOutcome<T> =
  | { readonly ran: true; readonly value: T }
  /** `held`: another one has it. `unavailable`: Redis does not answer. */
  | { readonly ran: false; readonly because: 'held' | 'unavailable' };

export interface RedisLocks {
  /**
   * Runs `work` while no other process runs it, as far as Redis can tell. It spares work and protects nothing: a
   * process that stands still for longer than `ttlMs`, a failover or a flush gives it to a second one, so what is
   * done under it must be harmless when it is done twice. `lost` aborts when that is noticed.
   *
   * Never throws for Redis; throws what `work` throws.
   */
  tryRun<T>(options: RedisLockOptions, work: (lost: AbortSignal) => Promise<T>): Promise<LockedOutcome<T>>;
}

const RETRY_EVERY_MS = 50;
/** With `waitMaxMs` 0; redis-semaphore waits after the last attempt as well. */
const RETRY_ONCE_MS = 1;
/** Refreshes in the life of a lock: one may fail to come through in time. */
const REFRESHES_A_TTL = 3;

/**
 * redis-semaphore with limits everywhere: its own defaults wait for a lock for 10 s, look after a lock once before it
 * ends, and throw out of a timer, where nobody can catch it, when Redis is away at that moment.
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
        refreshInterval: Math.floor(ttlMs / REFRESHES_A_TTL),
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
 * What redis-semaphore calls, through the store with its time limits. A refresh or release that fails counts as "not
 * mine any more", because nobody could catch what it throws: the lock is then lost, or ends by itself.
 */
function lockClient(store: RedisStore): Redis {
  const orNotMine = async (call: (redis: Redis) => Promise<unknown>): Promise<unknown> => {
    try {
      return await store.run(call);
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      // It sends the script itself when it hears this.
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
