import type { PoolConnection } from 'mysql2';
import type { DatabaseClock } from './database-clock.ts';
import type { DatabaseLogin } from './database-login.ts';
import type { SqlValue } from './format-sql.ts';
import { type LoginPool, openLoginPool } from './login-pool.ts';
import type { Log } from '../observe/log.ts';
import { OperationalError } from '../operational-error.ts';
import { pause } from '../load/pause.ts';
import { createSemaphore } from '../load/semaphore.ts';

export interface WriteResult {
  /** Rows that the statement matched. */
  readonly affectedRows: number;
}

/** Rows of one SELECT. */
export type Read = <R>(sql: string, values?: readonly SqlValue[]) => Promise<R[]>;

/** Longest wait for a free connection. */
const ACQUIRE_TIMEOUT_MS = 1000;
/** Longest wait for a new connection to be open, and again for its settings to be in force. */
const CONNECT_TIMEOUT_MS = 1000;
const CLOSE_TIMEOUT_MS = 1000;
/** mysql2 closes connections that nobody has used for this long, before the server's wait_timeout does. */
const IDLE_TIMEOUT_MS = 3000;
/** Waiting callers a pool; beyond it the caller is told to come back instead of growing a queue. */
const WAITING_MAX = 500;

/**
 * Session settings of every connection. The waits are short so that a process that stops in the middle of a
 * transaction frees a hot row after 5 s and not after the server's default of 8 h.
 */
const SESSION_SETTINGS = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION innodb_lock_wait_timeout = 1, wait_timeout = 5, time_zone = '+00:00',
  sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY'`,
];

/** Of the session's time zone, which is UTC. */
const READ_CLOCK = 'SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS nowMs';

const READ_VERSION = 'SELECT VERSION() AS version';

/** A connection for the caller alone, given back once by one of the two. */
export interface Lease {
  /**
   * Rows of a SELECT, or the header of anything else; of several statements, one of these each. `sql` holds its
   * values already (format-sql.ts). Rejects with the driver's error; statements after one that fails do not run.
   */
  query<R>(sql: string, timeoutMs: number): Promise<R>;
  release(): void;
  /**
   * For a connection that is lost or whose state is unknown: nothing of it is used again. Rejects statements without an answer
   * and stops their timers.
   */
  destroy(): void;
  /** False once `reconnect` has come after this connection: what it says of its server is old news. */
  isCurrent(): boolean;
}

export interface ConnectionPool {
  /**
   * Throws OperationalError `busy_retry`, not to be retried by this process, when none is free in time, and
   * `dependency_unavailable` when the server cannot be reached.
   */
  acquire(): Promise<Lease>;
  /** Callers who wait for a connection. */
  waiting(): number;
  /** Uses no connection again that is open now, except to the end of its lease. */
  reconnect(): void;
  close(): Promise<void>;
}

/**
 * mysql2's pool with what it lacks: a bounded queue that forgets who has left it, limits on every wait, and
 * session settings that are in force before the first statement.
 */
export function openConnectionPool(options: {
  readonly url: string;
  readonly connectionsMax: number;
  /** True where several statements may travel in one round trip. */
  readonly multipleStatements: boolean;
  readonly login: DatabaseLogin;
  /** Read on every new connection and after some leases. Undefined for a server whose clock decides nothing. */
  readonly clock?: DatabaseClock | undefined;
  /** Receives the server's version (`10.11.6-MariaDB`) on the first connection, and on the first after `reconnect`. */
  readonly onVersion: (version: string) => void;
  readonly log: Log;
}): ConnectionPool {
  const { url, clock, login } = options;
  const settings = {
    connectionLimit: options.connectionsMax,
    // mysql2 only looks for idle connections when it may keep fewer than the limit.
    maxIdle: options.connectionsMax - 1,
    idleTimeout: IDLE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4_unicode_520_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
    multipleStatements: options.multipleStatements,
    // The values are in it already; mysql2 would look through all of it for more places.
    queryFormat: (sql: string) => sql,
  };
  const pool = openLoginPool({ url, login, pool: settings });
  const permits = createSemaphore({ permitsMax: options.connectionsMax, waitingMax: WAITING_MAX });
  const isSetUp = new WeakSet<PoolConnection>();
  let isVersionKnown = false;

  const open = async (): Promise<Lease> => {
    const connection = await pool.connect();
    const lease = leaseOf(pool, connection, permits.release, clock);
    if (isSetUp.has(connection)) return lease;
    connection.on('error', (error: unknown) => options.log.debug('mysql_connection_error', { error }));
    try {
      if (!isVersionKnown) {
        const [row] = await lease.query<{ version: string }[]>(READ_VERSION, CONNECT_TIMEOUT_MS);
        isVersionKnown = true;
        options.onVersion(row?.version ?? '');
      }
      for (const sql of SESSION_SETTINGS) await lease.query(sql, CONNECT_TIMEOUT_MS);
      await clock?.sample(() => readClock(lease));
    } catch (error) {
      pool.discard(connection);
      throw error;
    }
    isSetUp.add(connection);
    return lease;
  };

  return {
    async acquire() {
      if (!(await permits.acquire(ACQUIRE_TIMEOUT_MS))) {
        throw new OperationalError('busy_retry', 'no database connection became free', { retryable: false });
      }
      try {
        return await open();
      } catch (error) {
        permits.release();
        throw new OperationalError('dependency_unavailable', 'no database connection', { cause: error });
      }
    },
    waiting: permits.waiting,
    reconnect() {
      isVersionKnown = false;
      pool.reconnect();
    },
    async close() {
      // A stopped server would never answer the goodbye.
      const enough = new AbortController();
      await Promise.race([pool.close(), pause(CLOSE_TIMEOUT_MS, enough.signal)]);
      enough.abort();
    },
  };
}

async function readClock(lease: Pick<Lease, 'query'>): Promise<number> {
  const [row] = await lease.query<{ nowMs: number }[]>(READ_CLOCK, CONNECT_TIMEOUT_MS);
  if (row === undefined) throw new Error('the database has no clock');
  return row.nowMs;
}

function leaseOf(
  pool: LoginPool,
  connection: PoolConnection,
  releasePermit: () => void,
  clock: DatabaseClock | undefined,
): Lease {
  /** Ends each statement that has no answer yet. */
  const unanswered = new Set<() => void>();
  const lease: Lease = {
    query: (sql, timeoutMs) =>
      new Promise((resolve, reject) => {
        let statement: object | undefined;
        const forget = (): void => {
          stopTimer(statement);
          unanswered.delete(end);
        };
        const end = (): void => {
          forget();
          reject(new Error("the statement's connection was destroyed"));
        };
        unanswered.add(end);
        // A closed connection calls back before `query` returns.
        statement = connection.query({ sql, timeout: timeoutMs }, (error, result) => {
          forget();
          if (error) reject(error);
          else resolve(result as never);
        });
      }),
    release: () => {
      // Between two callers, so that none waits for it; the connection has just answered one of them.
      if (clock?.isDue()) {
        clock.sample(() => readClock(lease)).then(giveBack, lease.destroy);
        return;
      }
      giveBack();
    },
    destroy: () => {
      pool.discard(connection);
      for (const end of unanswered) end();
      releasePermit();
    },
    isCurrent: () => pool.isCurrent(connection),
  };
  const giveBack = (): void => {
    pool.release(connection);
    releasePermit();
  };
  return lease;
}

/**
 * mysql2 stops the timer of `timeout` only when the server answers. After a lost or destroyed connection it would keep the
 * process alive until the end of the limit.
 */
function stopTimer(statement: { queryTimeout?: NodeJS.Timeout | null } | undefined): void {
  clearTimeout(statement?.queryTimeout ?? undefined);
}
