import type { PoolConnection } from 'mysql2';
import type { DatabaseClock } from './database-clock.ts';
import { databaseFailure, isTimeout } from './database-errors.ts';
import type { DatabaseLogin } from './database-login.ts';
import type { SqlValue } from './format-sql.ts';
import { type LoginPool, openLoginPool } from './login-pool.ts';
import type { Log } from '../observe/log.ts';
import { OperationalError } from '../operational-error.ts';
import { pause } from '../load/pause.ts';
import { createSemaphore } from '../load/semaphore.ts';

export interface WriteResult {
  /** Rows that the statement matched, changed or not. */
  readonly affectedRows: number;
}

/** Rows of one SELECT. */
export type Read = <R>(sql: string, values?: readonly SqlValue[]) => Promise<R[]>;

/** Longest wait for a free connection. */
const ACQUIRE_TIMEOUT_MS = 1000;
/** Longest wait for a new connection, and again for each of its session settings. */
const CONNECT_TIMEOUT_MS = 1000;
const CLOSE_TIMEOUT_MS = 1000;
/** mysql2 closes connections that are idle for this long, before the server's wait_timeout does. */
const IDLE_TIMEOUT_MS = 3000;
/** Waiting callers per pool. The next one is rejected with `busy_retry`. */
const WAITING_MAX = 500;

const SQL_MODE = [
  'STRICT_TRANS_TABLES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
].join(',');

/**
 * Session settings of every connection. With these timeouts a process that stops in the middle of a
 * transaction frees a hot row after 5 s; the server's default is 8 h.
 */
const SESSION_SETTINGS = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION innodb_lock_wait_timeout = 1, wait_timeout = 5, time_zone = '+00:00',
  sql_mode = '${SQL_MODE}'`,
];

/** In UTC, the time zone of the session. */
const READ_CLOCK = 'SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS nowMs';

const READ_VERSION = 'SELECT VERSION() AS version';

/** A connection for one caller, returned once by `release` or `destroy`. */
export interface Lease {
  /**
   * Returns the rows of a SELECT, or the header of any other statement; for several statements, an array of
   * these. `sql` contains its values (format-sql.ts). Rejects with the driver's error. Statements after a
   * failed one do not run.
   */
  query<R>(sql: string, timeoutMs: number): Promise<R>;
  release(): void;
  /**
   * Closes the connection: for one that is lost or whose state is unknown. Rejects statements without an
   * answer and stops their timers.
   */
  destroy(): void;
  /**
   * False once `reconnect` was called after this connection was opened: what it says about its server is
   * outdated.
   */
  isCurrent(): boolean;
}

export interface ConnectionPool {
  /**
   * Throws OperationalError `busy_retry`, not retryable by this process, when no connection becomes free in
   * time. Throws OperationalError `dependency_unavailable` when the server cannot be reached.
   */
  acquire(): Promise<Lease>;
  /** Callers that wait for a connection. */
  waiting(): number;
  /** Replaces all open connections, those in use at the end of their lease. */
  reconnect(): void;
  close(): Promise<void>;
}

/**
 * mysql2's pool with what it lacks: a bounded queue that callers leave when they time out, a limit on every
 * wait, and session settings that apply before the first statement.
 */
export function openConnectionPool(options: {
  readonly url: string;
  readonly connectionsMax: number;
  /** True to allow several statements in one round trip. */
  readonly multipleStatements: boolean;
  readonly login: DatabaseLogin;
  /**
   * Read on every new connection and after some leases. Undefined for a server whose clock decides nothing.
   */
  readonly clock?: DatabaseClock | undefined;
  /**
   * Receives the server's version (`10.11.6-MariaDB`) on the first connection, and on the first after
   * `reconnect`.
   */
  readonly onVersion: (version: string) => void;
  readonly log: Log;
}): ConnectionPool {
  const { url, clock, login } = options;
  const pool = openLoginPool({ url, login, pool: driverSettings(options) });
  const permits = createSemaphore({ permitsMax: options.connectionsMax, waitingMax: WAITING_MAX });
  const isSetUp = new WeakSet<PoolConnection>();
  let isVersionKnown = false;

  const openOnce = async (): Promise<Lease> => {
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
  const open = async (): Promise<Lease> => {
    try {
      return await openOnce();
    } catch (error) {
      if (!isEndedByServer(error)) throw error;
      return openOnce();
    }
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
      // A stopped server never answers the closing packet.
      const closed = new AbortController();
      await Promise.race([pool.close(), pause(CLOSE_TIMEOUT_MS, closed.signal)]);
      closed.abort();
    },
  };
}

function driverSettings(options: { readonly connectionsMax: number; readonly multipleStatements: boolean }) {
  return {
    connectionLimit: options.connectionsMax,
    // mysql2 closes idle connections only when it may keep fewer than the limit.
    maxIdle: options.connectionsMax - 1,
    idleTimeout: IDLE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4_unicode_520_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
    multipleStatements: options.multipleStatements,
    // `sql` contains its values; mysql2 would search all of it for placeholders.
    queryFormat: (sql: string) => sql,
  };
}

/**
 * True if the server ended a connection that it had just accepted, as it does when a rotation locks its user
 * out at that moment. A server that accepts no connection is not asked twice.
 */
function isEndedByServer(error: unknown): boolean {
  const { syscall } = (error ?? {}) as { syscall?: unknown };
  return databaseFailure(error) === 'connection' && !isTimeout(error) && syscall !== 'connect';
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
  /** Functions that reject each statement without a response. */
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
      // Sample between two leases: no caller waits for it, and the connection has just responded.
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
 * mysql2 stops the timer of `timeout` only when the server answers. After a lost or destroyed connection the
 * timer would keep the process alive until it fires.
 */
function stopTimer(statement: { queryTimeout?: NodeJS.Timeout | null } | undefined): void {
  clearTimeout(statement?.queryTimeout ?? undefined);
}
