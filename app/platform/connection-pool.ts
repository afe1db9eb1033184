import { createPool, type PoolConnection, type PoolOptions } from 'mysql2';
import type { Log } from './log.ts';
import { OperationalError } from './operational-error.ts';

/** What may be passed to a statement. Objects are not: mysql2 would expand them into SQL. */
export type SqlValue = string | number | bigint | boolean | Date | Buffer | null | readonly SqlValue[];

export interface WriteResult {
  /** Rows that the statement matched. */
  readonly affectedRows: number;
}

/** Longest wait for a free connection, and for a new one to be opened. */
const ACQUIRE_TIMEOUT_MS = 1000;
const CONNECT_TIMEOUT_MS = 1000;
const CLOSE_TIMEOUT_MS = 1000;
/** Waiting callers a pool; beyond it the caller is told to come back instead of growing a queue. */
const QUEUE_MAX = 500;

/**
 * Session settings of every connection. The waits are short so that a process that stops in the middle of a
 * transaction frees a hot row after 5 s and not after the server's default of 8 h.
 */
const SESSION_SETTINGS = `SET SESSION innodb_lock_wait_timeout = 1, wait_timeout = 5, time_zone = '+00:00',
  sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY'`;

export interface ConnectionPool {
  /**
   * A connection for the caller alone, to be given back with `release` or `destroy`. Throws OperationalError
   * `busy_retry` when none is free in time and `dependency_unavailable` when the server cannot be reached.
   */
  acquire(): Promise<PoolConnection>;
  close(): Promise<void>;
}

/**
 * mysql2's pool with the three things that it lacks: a limit on the wait for a connection, session settings
 * that are in force before the first statement, and idle connections that are closed before the server does it.
 */
export function openConnectionPool(
  url: string,
  options: { connectionsMax: number; log: Log },
): ConnectionPool {
  const pool = createPool({
    uri: url,
    connectionLimit: options.connectionsMax,
    // mysql2 only looks for idle connections when it may keep fewer than the limit.
    maxIdle: Math.max(options.connectionsMax - 1, 1),
    idleTimeout: 3000,
    queueLimit: QUEUE_MAX,
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4_unicode_520_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
    multipleStatements: false,
  } satisfies PoolOptions);

  pool.on('connection', (connection) => {
    connection.on('error', (error: unknown) => options.log.debug('mysql_connection_error', { error }));
    // Queued ahead of whatever the caller sends; a failure makes the connection useless, and that is meant.
    const abandon = (error: unknown) => {
      if (error) connection.destroy();
    };
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', abandon);
    connection.query(SESSION_SETTINGS, abandon);
  });

  return {
    acquire: () => acquire(pool),
    close: () =>
      new Promise((resolve) => {
        // A stopped server would never answer the goodbye.
        const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
        pool.end(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

function acquire(pool: ReturnType<typeof createPool>): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      reject(new OperationalError('busy_retry', 'no database connection became free in time'));
    }, ACQUIRE_TIMEOUT_MS);
    pool.getConnection((error, connection) => {
      if (!waiting) {
        connection?.release();
        return;
      }
      waiting = false;
      clearTimeout(timer);
      if (!error) return resolve(connection);
      const full = error.message.startsWith('Queue limit');
      const code = full ? 'busy_retry' : 'dependency_unavailable';
      reject(new OperationalError(code, 'no database connection', { cause: error }));
    });
  });
}
