import { Redis } from 'ioredis';
import type { Log } from './log.ts';
import { OperationalError } from './operational-error.ts';

const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1000;
/** A connection with unanswered commands is replaced after this long, so that a half-open link heals. */
const SOCKET_TIMEOUT_MS = 2000;
const RECONNECT_DELAY_MAX_MS = 1000;

export interface RedisStore {
  /**
   * Runs one command or pipeline. Throws OperationalError `dependency_unavailable` when Redis does not answer
   * within 500 ms: callers of the cache role catch it, callers of the state role let it become a 503.
   */
  run<T>(command: (client: Redis) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
  /** Resolves once the first connection is ready, or after `timeoutMs` without one. */
  ready(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** @param role `state` (sessions, carts, counters, locks; noeviction) or `cache` (may evict). */
export function openRedis(url: string, options: { role: 'state' | 'cache'; log: Log }): RedisStore {
  const client = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // Without a connection a command fails at once instead of waiting in memory.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.min(50 * attempt, RECONNECT_DELAY_MAX_MS),
  });
  // Without a listener ioredis would print; every failing command is reported by its caller.
  client.on('error', (error: unknown) =>
    options.log.debug('redis_connection_error', { redis: options.role, error }),
  );

  const run = async <T>(command: (client: Redis) => Promise<T>): Promise<T> => {
    try {
      return await command(client);
    } catch (error) {
      throw new OperationalError('dependency_unavailable', `Redis (${options.role}) failed`, {
        cause: error,
      });
    }
  };

  return {
    run,
    ping: async () => {
      await run((redis) => redis.ping());
    },
    ready: (timeoutMs) =>
      new Promise((resolve) => {
        if (client.status === 'ready') return resolve();
        const timer = setTimeout(resolve, timeoutMs);
        client.once('ready', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    close: async () => {
      client.disconnect();
    },
  };
}
