import type { ResultSetHeader } from 'mysql2';
import {
  type ConnectionPool,
  type Lease,
  openConnectionPool,
  type Read,
  type WriteResult,
} from './connection-pool.ts';
import { databaseFailure, isReadOnlyServer, lockConflict, operational } from './database-errors.ts';
import { createDatabaseClock } from './database-clock.ts';
import { createDatabaseLogin, type ReadLogin } from './database-login.ts';
import type { SqlValue } from './format-sql.ts';
import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';
import { readOnce, STATEMENT_TIMEOUT_MS } from './read-once.ts';
import { createReplicaReader } from './replica-reader.ts';
import { createReplicaHeartbeat } from './replica-heartbeat.ts';
import { readSnapshot, type SnapshotOptions } from './read-snapshot.ts';
import { databaseProblem } from '../server-requirements.ts';
import { CommitOutcomeUnknown, createStatementQueue, lostCommit } from './statement-queue.ts';

export type { Read, WriteResult } from './connection-pool.ts';
export type { SqlValue } from './format-sql.ts';

/**
 * Statements inside one transaction. Only `withTransaction` makes one. Statements that are asked for together,
 * without waiting for each other's answers (`Promise.all`), run in the order in which they were asked for and
 * share one round trip.
 */
export interface Transaction {
  /** Rows of a SELECT. */
  read<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  write(sql: string, values?: readonly SqlValue[]): Promise<WriteResult>;
  /** A write that must change exactly `rows` rows. Otherwise the server itself refuses to go on, COMMIT included. */
  writeRows(rows: number, sql: string, values?: readonly SqlValue[]): Promise<void>;
  /**
   * Says that the statements asked for in this turn are the last ones, and that none of them needs to be looked at before the
   * COMMIT (see `writeRows`), which then shares their round trip. Resolves with the commit; asked for after it, a
   * statement fails.
   */
  commitWithLast(): Promise<void>;
}

export interface Database {
  /** Rows of one SELECT outside a transaction, as last committed. Throws OperationalError. */
  read<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** The same from the read replica, which may lag, where there is one and it answers: for what may be a little late. */
  readReplica<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** See `withTransaction` below. */
  withTransaction<T>(options: TransactionOptions, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** See read-snapshot.ts. */
  readSnapshot<T>(options: SnapshotOptions, work: (read: Read) => Promise<T>): Promise<T>;
  /**
   * The writer's clock, in milliseconds since 1970: see database-clock.ts. Everything that the shop decides by time, and every
   * time that it stores, is by this clock.
   */
  nowMs(): number;
  /** Callers who wait for a connection. */
  waiting(): number;
  /** Resolves when the writer begins a transaction that may write; throws OperationalError. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** What the transaction is for; a field of the log lines about retries. */
  readonly name: string;
  /**
   * True when `work` finds out by itself, under its locks, that an earlier run has committed (an idempotency
   * key does that). Only then is it run again after a COMMIT whose answer was lost.
   */
  readonly rerunnable: boolean;
}

/** All attempts of a transaction together. Below the request deadline of 8 s. */
const TRANSACTION_BUDGET_MS = 5000;
const RETRY_DELAY_MIN_MS = 5;
const RETRY_DELAY_MAX_MS = 100;

export interface DatabaseOptions {
  readonly writerUrl: string;
  readonly replicaUrl?: string | undefined;
  /** Asked once the server refuses the login of the URLs; without it that one is for good. */
  readonly readLogin?: ReadLogin | undefined;
  readonly connectionsMax: number;
  readonly log: Log;
  /** The process's own clock: tells the time until the database's is known. */
  readonly nowMs: () => number;
  /** For lengths of time: never set, as performance.now. `nowMs` where it is not given. */
  readonly steadyMs?: () => number;
  /** A number in [0, 1) that spreads retries. */
  readonly random: () => number;
  /** Told each time that a transaction is run again. */
  readonly onRetry?: () => void;
  /** Told of each deadlock and each lock wait timeout that has ended a transaction. */
  readonly onLockConflict?: (kind: 'deadlock' | 'timeout') => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const { log, connectionsMax, onLockConflict } = options;
  const steadyMs = options.steadyMs ?? options.nowMs;
  const login = createDatabaseLogin({ read: options.readLogin, log, nowMs: steadyMs });
  const clock = createDatabaseClock({ steadyMs, processMs: options.nowMs, log });
  let problem: string | undefined;
  const onVersion = (version: string): void => {
    const found = databaseProblem(version);
    // Several pools lead to the same server. The app continues: most of it may work.
    if (found !== undefined && found !== problem) log.error('database_unsuitable', { problem: found });
    problem = found;
  };
  const single = { connectionsMax, multipleStatements: false, login, clock, onVersion, log };
  // Reads have connections of their own, so that a crowd at the catalogue leaves the orders theirs.
  const writer = openConnectionPool({ url: options.writerUrl, ...single, multipleStatements: true });
  const reader = openConnectionPool({ url: options.writerUrl, ...single });
  // One at a time, and never a connection that an order or a page could have had.
  const snapshots = openConnectionPool({ url: options.writerUrl, ...single, connectionsMax: 1 });
  const replica =
    options.replicaUrl === undefined
      ? reader
      : openConnectionPool({ url: options.replicaUrl, ...single, clock: undefined });
  const read: Read = (sql, values) => readOnce(reader, sql, values);
  // The writer's name may lead to another server by now; what the old one still answers to reads is getting old.
  const onReadOnly = () => {
    log.warn('database_read_only');
    for (const pool of [writer, reader, snapshots]) pool.reconnect();
  };

  const writing = { pool: writer, onReadOnly, onLockConflict };

  return {
    read,
    readReplica:
      replica === reader
        ? read
        : createReplicaReader({
            replica: (sql, values) => readOnce(replica, sql, values),
            writer: read,
            isFresh: createReplicaHeartbeat({
              beat: () => withTransaction(writing, options, heartbeat, raiseBeat),
              arrived: async () => {
                const [row] = await readOnce<{ beat: number }>(replica, SELECT_BEAT);
                return row?.beat ?? 0;
              },
              nowMs: options.nowMs,
              onChange: (isFresh) => log.warn(isFresh ? 'replica_caught_up' : 'replica_stopped'),
            }),
            log,
            nowMs: steadyMs,
          }),
    withTransaction: (settings, work) => withTransaction(writing, options, settings, work),
    readSnapshot: (settings, work) => readSnapshot(snapshots, settings, work),
    nowMs: clock.nowMs,
    waiting: () => writer.waiting() + reader.waiting() + (replica === reader ? 0 : replica.waiting()),
    probe: async () => {
      await runOnce(writing, async (tx) => {
        const [row] = await tx.read<{ isReadOnly: number }>('SELECT @@innodb_read_only AS isReadOnly');
        if (row?.isReadOnly !== 0)
          throw new OperationalError('dependency_unavailable', 'the database is read-only');
      });
    },
    close: async () => {
      await Promise.all([...new Set([writer, reader, replica, snapshots])].map((pool) => pool.close()));
    },
  };
}

const heartbeat = { name: 'replica_heartbeat', rerunnable: true };
const SELECT_BEAT = 'SELECT beat FROM replica_heartbeat WHERE id = 1';

async function raiseBeat(tx: Transaction): Promise<number> {
  await tx.write(
    'INSERT INTO replica_heartbeat (id, beat) VALUES (1, 1) ON DUPLICATE KEY UPDATE beat = beat + 1',
  );
  const [row] = await tx.read<{ beat: number }>(SELECT_BEAT);
  return row?.beat ?? 0;
}

/**
 * Runs `work` in one READ COMMITTED transaction and commits it: the only place in the app that does.
 *
 * Guarantees: either everything that `work` wrote is committed, or nothing. The first failing statement ends
 * the transaction, even when `work` swallows the error, because a lock wait timeout rolls back only its own
 * statement and a COMMIT after it would keep half of the work. Deadlocks, lock waits and connections lost
 * before COMMIT are retried as a whole, with jitter, for 5 s; after a lost COMMIT only `rerunnable` work is.
 *
 * Throws OperationalError `busy_retry` when locks or an unknown outcome outlast the budget,
 * `dependency_unavailable` when the database cannot be reached, and whatever `work` throws itself.
 */
async function withTransaction<T>(
  writer: Writer,
  { nowMs, steadyMs = nowMs, random, log, onRetry }: DatabaseOptions,
  { name, rerunnable }: TransactionOptions,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const deadlineMs = steadyMs() + TRANSACTION_BUDGET_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(writer, work);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const unknown = error instanceof CommitOutcomeUnknown;
      const delayMs =
        RETRY_DELAY_MIN_MS + random() * Math.min(RETRY_DELAY_MAX_MS, RETRY_DELAY_MIN_MS * 2 ** attempt);
      if (!error.retryable || (unknown && !rerunnable) || steadyMs() + delayMs >= deadlineMs) throw error;
      onRetry?.();
      log.info('transaction_retried', { transaction: name, attempt, unknown, reason: failureReason(error) });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

interface Writer {
  readonly pool: ConnectionPool;
  /** Called once per generation of connections whose server has turned out to be read-only. */
  readonly onReadOnly: () => void;
  readonly onLockConflict: DatabaseOptions['onLockConflict'];
}

async function runOnce<T>(
  { pool, onReadOnly, onLockConflict }: Writer,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const lease = await pool.acquire();
  const statements = createStatementQueue(lease);
  const tx: Transaction = {
    read: (sql, values) => statements.run(sql, values),
    write: async (sql, values) => {
      const { affectedRows } = await statements.run<ResultSetHeader>(sql, values);
      return { affectedRows };
    },
    writeRows: async (rows, sql, values) => {
      await statements.run(sql, values, rows);
    },
    commitWithLast: statements.commitWithLast,
  };

  try {
    const result = await work(tx);
    if (statements.end() === 'open') await commit(lease);
    lease.release();
    return result;
  } catch (error) {
    const cause = statements.abandon(error);
    if (isReadOnlyServer(cause) && lease.isCurrent()) onReadOnly();
    const conflict = lockConflict(cause);
    if (conflict !== undefined) onLockConflict?.(conflict);
    await rollBack(lease, cause);
    throw operational(cause);
  }
}

async function commit(lease: Lease): Promise<void> {
  try {
    await lease.query('COMMIT', STATEMENT_TIMEOUT_MS);
  } catch (error) {
    throw lostCommit(error);
  }
}

/** Leaves no transaction behind: the connection goes back rolled back, or it is destroyed. */
async function rollBack(lease: Lease, error: unknown): Promise<void> {
  if (error instanceof CommitOutcomeUnknown || databaseFailure(error) === 'connection') {
    lease.destroy();
    return;
  }
  try {
    await lease.query('ROLLBACK', STATEMENT_TIMEOUT_MS);
    lease.release();
  } catch {
    lease.destroy();
  }
}
