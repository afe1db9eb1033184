import { Redis } from 'ioredis';
import type { Log } from '../observe/log.ts';
import { OperationalError } from '../operational-error.ts';
import { createRedisScript } from './redis-script.ts';
import { type RedisInfo, redisProblem } from '../server-requirements.ts';

const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1000;
/** Replaces a connection with unanswered commands after this long, so that a half-open link recovers. */
const SOCKET_TIMEOUT_MS = 2000;
const RECONNECT_DELAY_MAX_MS = 1000;
/** A name resolves to the new primary some seconds after a failover. */
const NAME_LOOKUP_EVERY_MS = 250;
/** Bounds the log: one line for a wrong server, and one after this long without another. */
const SETTLED_AFTER_MS = 5000;

/**
 * Errors of a server that must not be written to, or not yet: a replica since a failover, a replica without
 * its primary or still loading, a primary cut off from its replicas, a node without its cluster. Up to Redis
 * 6 the code follows other text and a hyphen in the error of a script, and a colon in that of an EXEC.
 */
const WRONG_SERVER = /(?:^|-|: )(?:READONLY|MASTERDOWN|LOADING|NOREPLICAS|CLUSTERDOWN|MOVED|ASK|TRYAGAIN) /;

/**
 * KEYS[1] a key that nothing else uses. Fails when the app's own writes would fail, for example out of
 * memory. Leaves no key behind.
 */
const probeWrite = createRedisScript(`redis.call('SET', KEYS[1], '') return redis.call('DEL', KEYS[1])`);

/** INFO of a new connection. Empty where INFO is forbidden. */
type Info = RedisInfo & { readonly role?: string };

export interface RedisStore {
  /**
   * Runs one command or pipeline. Throws OperationalError `dependency_unavailable` when Redis does not
   * respond within 500 ms. Callers of the cache role catch it; callers of the state role let it become a 503.
   */
  run<T>(command: (client: Redis) => Promise<T>): Promise<T>;
  /** Resolves when a write succeeds. A replica, a full server and a server that cannot save reject writes. */
  probe(): Promise<void>;
  /** Resolves once the first connection is ready, or after `timeoutMs` without one. */
  ready(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Uses the primary only. A connection to another server is closed, and the name of the URL is resolved again
 * until it leads to a primary. Meanwhile commands fail at once.
 *
 * @param options.role `state` (sessions, carts, counters, locks; noeviction) or `cache` (may evict).
 */
export function openRedis(options: {
  readonly url: string;
  readonly role: 'state' | 'cache';
  readonly log: Log;
}): RedisStore {
  let wrongServer: NodeJS.Timeout | undefined;
  const leave = (reason: string): void => {
    if (wrongServer !== undefined) return void wrongServer.refresh();
    options.log.warn('redis_wrong_server', { redis: options.role, reason });
    wrongServer = setTimeout(() => {
      wrongServer = undefined;
      options.log.info('redis_wrong_server_disconnected', { redis: options.role, connection: client.status });
    }, SETTLED_AFTER_MS).unref();
  };
  let isClosing = false;
  const client = new Redis(options.url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // Without a connection a command fails at once instead of waiting in memory.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    autoResubscribe: false,
    retryStrategy: (attempt) =>
      wrongServer === undefined ? Math.min(50 * attempt, RECONNECT_DELAY_MAX_MS) : NAME_LOOKUP_EVERY_MS,
    // Called for the error of every command, those of pipelines included.
    reconnectOnError: ({ message }) => {
      if (!WRONG_SERVER.test(message)) return false;
      leave(message);
      // Once per connection: commands that were sent together fail together.
      if (isClosing) return false;
      isClosing = true;
      return true;
    },
  });
  client.on('close', () => {
    isClosing = false;
  });
  let problem: string | undefined;
  // ioredis passes the INFO of each new connection here and reconnects after false, as its Sentinel connector
  // does.
  (client as unknown as { connector: { check(info: Info): boolean } }).connector.check = (info) => {
    const found = redisProblem(info, options.role);
    // Report once per problem, not once per connection. The app runs regardless.
    if (found !== undefined && found !== problem)
      options.log.error('redis_unsuitable', { redis: options.role, problem: found });
    problem = found;
    // Without INFO the first write detects a replica.
    if (info.role !== 'slave') return true;
    leave('the server is a replica');
    return false;
  };
  // Without a listener ioredis would print. Callers report every failing command.
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
    probe: async () => {
      await run((redis) => probeWrite(redis, ['probe'], []));
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
      clearTimeout(wrongServer);
      client.disconnect();
    },
  };
}
