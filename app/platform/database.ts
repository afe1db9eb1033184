import type { ResultSetHeader } from 'mysql2';
import {
  type ConnectionPool,
  type Lease,
  openConnectionPool,
  type SqlValue,
  type WriteResult,
} from './connection-pool.ts';
import { databaseFailure } from './database-errors.ts';
import type { Log } from './log.ts';
import { failureReason, OperationalError } from './operational-error.ts';

export type { SqlValue, WriteResult } from './connection-pool.ts';

/** Rows of one SELECT. */
export type Read = <R>(sql: string, values?: readonly SqlValue[]) => Promise<R[]>;

/** Statements inside one transaction. Only `withTransaction` makes one. */
export interface Transaction {
  /** Rows of a SELECT. */
  read<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  write(sql: string, values?: readonly SqlValue[]): Promise<WriteResult>;
}

export interface Database {
  /** Rows of one SELECT outside a transaction, as last committed. Throws OperationalError. */
  read<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** The same from the read replica, which may lag, where there is one: for what everybody may see a little late. */
  readReplica<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** See `withTransaction` below. */
  withTransaction<T>(options: TransactionOptions, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** See `readSnapshot` below. */
  readSnapshot<T>(options: SnapshotOptions, work: (read: Read) => Promise<T>): Promise<T>;
  /** Resolves when the writer answers; throws OperationalError. */
  ping(): Promise<void>;
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

export interface SnapshotOptions {
  /** Ends the work without waiting for the statement that is under way. */
  readonly signal: AbortSignal;
  /** Of all processes at this database, only one at a time has a snapshot of this name; the others are refused at once. */
  readonly onlyOneNamed?: string | undefined;
}

/** Longest wait for the answer to one statement; the lock wait inside it ends after 1 s. */
const STATEMENT_TIMEOUT_MS = 3000;
/** All attempts of a transaction together. Below the request deadline of 8 s. */
const TRANSACTION_BUDGET_MS = 5000;
const RETRY_DELAY_MIN_MS = 5;
const RETRY_DELAY_MAX_MS = 100;
/**
 * The server itself ends a statement of a snapshot after this long; the client stops waiting a little later. Each
 * engine has a name of its own for the limit and reads the other one's as a comment.
 */
const SNAPSHOT_STATEMENT_MAX_MS = 20_000;
const SNAPSHOT_LIMITS = `SET SESSION lock_wait_timeout = 5
  /*M! , max_statement_time = ${SNAPSHOT_STATEMENT_MAX_MS / 1000} */
  /*!80000 , max_execution_time = ${SNAPSHOT_STATEMENT_MAX_MS} */`;
const SNAPSHOT_ANSWER_MAX_MS = SNAPSHOT_STATEMENT_MAX_MS + 5000;

export interface DatabaseOptions {
  readonly writerUrl: string;
  readonly replicaUrl?: string | undefined;
  readonly connectionsMax: number;
  readonly log: Log;
  readonly nowMs: () => number;
  /** A number in [0, 1) that spreads retries. */
  readonly random: () => number;
}

export function openDatabase(options: DatabaseOptions): Database {
  const { log, connectionsMax } = options;
  // Reads have connections of their own, so that a crowd at the catalogue leaves the orders theirs.
  const writer = openConnectionPool(options.writerUrl, { connectionsMax, log });
  const reader = openConnectionPool(options.writerUrl, { connectionsMax, log });
  // One at a time, and never a connection that an order or a page could have had.
  const snapshots = openConnectionPool(options.writerUrl, { connectionsMax: 1, log });
  const replica =
    options.replicaUrl === undefined
      ? reader
      : openConnectionPool(options.replicaUrl, { connectionsMax, log });

  return {
    read: (sql, values) => readOnce(reader, sql, values),
    readReplica: (sql, values) => readOnce(replica, sql, values),
    withTransaction: (settings, work) => withTransaction(writer, options, settings, work),
    readSnapshot: (settings, work) => readSnapshot(snapshots, settings, work),
    ping: async () => {
      await readOnce(writer, 'SELECT 1');
    },
    close: async () => {
      await Promise.all([...new Set([writer, reader, replica, snapshots])].map((pool) => pool.close()));
    },
  };
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
  pool: ConnectionPool,
  { nowMs, random, log }: DatabaseOptions,
  { name, rerunnable }: TransactionOptions,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const deadlineMs = nowMs() + TRANSACTION_BUDGET_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, work);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const unknown = error instanceof CommitOutcomeUnknown;
      const delayMs =
        RETRY_DELAY_MIN_MS + random() * Math.min(RETRY_DELAY_MAX_MS, RETRY_DELAY_MIN_MS * 2 ** attempt);
      if (!error.retryable || (unknown && !rerunnable) || nowMs() + delayMs >= deadlineMs) throw error;
      log.info('transaction_retried', { transaction: name, attempt, unknown, reason: failureReason(error) });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

/** The connection was lost between sending COMMIT and its answer. */
class CommitOutcomeUnknown extends OperationalError {
  constructor(cause: unknown) {
    super('busy_retry', 'the outcome of a commit is not known', { cause });
    this.name = 'CommitOutcomeUnknown';
  }
}

async function runOnce<T>(pool: ConnectionPool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const lease = await pool.acquire();
  let failure: unknown;
  const run = async <R>(sql: string, values: readonly SqlValue[] = []): Promise<R> => {
    if (failure !== undefined) throw failure;
    try {
      return await lease.query<R>(sql, values, STATEMENT_TIMEOUT_MS);
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  const tx: Transaction = {
    read: (sql, values) => run(sql, values),
    write: async (sql, values) => {
      const { affectedRows } = await run<ResultSetHeader>(sql, values);
      return { affectedRows };
    },
  };

  try {
    await run('START TRANSACTION');
    const result = await work(tx);
    if (failure !== undefined) throw failure;
    await commit(lease);
    lease.release();
    return result;
  } catch (error) {
    await rollBack(lease, failure ?? error);
    throw operational(failure ?? error);
  }
}

async function commit(lease: Lease): Promise<void> {
  try {
    await lease.query('COMMIT', [], STATEMENT_TIMEOUT_MS);
  } catch (error) {
    if (databaseFailure(error) !== 'connection') throw error;
    throw new CommitOutcomeUnknown(error);
  }
}

/** Leaves no transaction behind: the connection goes back rolled back, or it is destroyed. */
async function rollBack(lease: Lease, error: unknown): Promise<void> {
  if (error instanceof CommitOutcomeUnknown || databaseFailure(error) === 'connection') {
    lease.destroy();
    return;
  }
  try {
    await lease.query('ROLLBACK', [], STATEMENT_TIMEOUT_MS);
    lease.release();
  } catch {
    lease.destroy();
  }
}

/**
 * Runs `work` on one consistent snapshot of the whole database (REPEATABLE READ, READ ONLY): every statement sees
 * what was committed when the first one ran, however long it takes and whatever is written meanwhile. It takes no
 * lock and waits for none. Its price is that the server keeps old row versions until the end. One at a time a
 * process: a second caller waits 1 s and then gets OperationalError `busy_retry`.
 *
 * Throws that too when a statement takes longer than 20 s or the name is taken, `dependency_unavailable` when the database is lost, and
 * the signal's reason at once when that aborts.
 */
async function readSnapshot<T>(
  pool: ConnectionPool,
  { signal, onlyOneNamed }: SnapshotOptions,
  work: (read: Read) => Promise<T>,
): Promise<T> {
  const lease = await pool.acquire();
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = () => abort(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const run = <R>(sql: string, values: readonly SqlValue[] = []): Promise<R[]> => {
    signal.throwIfAborted();
    return Promise.race([lease.query<R[]>(sql, values, SNAPSHOT_ANSWER_MAX_MS), aborted]);
  };
  try {
    await run(SNAPSHOT_LIMITS);
    if (onlyOneNamed !== undefined) await takeName(run, onlyOneNamed);
    await run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const result = await work(run);
    await run('COMMIT');
    if (onlyOneNamed !== undefined) await run('DO RELEASE_LOCK(CONCAT(DATABASE(), ?))', [onlyOneNamed]);
    lease.release();
    return result;
  } catch (error) {
    // Rolled back with the connection, which has settings that nobody else needs; its name becomes free.
    lease.destroy();
    throw operational(error);
  } finally {
    signal.removeEventListener('abort', onAbort);
    aborted.catch(() => undefined);
  }
}

/** GET_LOCK counts for the whole server, and for as long as the connection. */
async function takeName(read: Read, name: string): Promise<void> {
  const [row] = await read<{ held: number }>('SELECT GET_LOCK(CONCAT(DATABASE(), ?), 0) AS held', [name]);
  if (row?.held !== 1) throw new OperationalError('busy_retry', `another process has the snapshot ${name}`);
}

async function readOnce<R>(
  pool: ConnectionPool,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<R[]> {
  // An idle connection may have been closed by the server a moment ago, so one lost connection is no reason
  // to fail a read.
  for (let attempt = 1; ; attempt += 1) {
    const lease = await pool.acquire();
    try {
      const rows = await lease.query<R[]>(sql, values, STATEMENT_TIMEOUT_MS);
      lease.release();
      return rows;
    } catch (error) {
      const lost = databaseFailure(error) === 'connection';
      if (lost) lease.destroy();
      else lease.release();
      if (!lost || isTimeout(error) || attempt >= 2) throw operational(error);
    }
  }
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}

/** A driver error that is not the statement's own fault becomes an OperationalError. */
function operational(error: unknown): unknown {
  if (error instanceof OperationalError) return error;
  switch (databaseFailure(error)) {
    case 'too-long':
      return new OperationalError('busy_retry', 'a statement took longer than it may', { cause: error });
    case 'contention':
      return new OperationalError('busy_retry', 'the transaction met a lock conflict', { cause: error });
    case 'connection':
      return new OperationalError('dependency_unavailable', 'the database connection was lost', {
        cause: error,
      });
    case 'statement':
      return error;
  }
}
