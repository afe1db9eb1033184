import type { ResultSetHeader } from 'mysql2';
import {
  type ConnectionPool,
  type Lease,
  openConnectionPool,
  type Read,
  type WriteResult,
} from './connection-pool.ts';
import { databaseFailure, operational } from './database-errors.ts';
import { databaseLogin, type ReadLogin } from './database-login.ts';
import { formatSql, type SqlValue } from './format-sql.ts';
import type { Log } from './log.ts';
import { failureReason, OperationalError } from './operational-error.ts';
import { readReplica } from './read-replica.ts';
import { readSnapshot, type SnapshotOptions } from './read-snapshot.ts';

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
  /** Callers who wait for a connection. */
  waiting(): number;
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

/** Longest wait for the answer to one statement; the lock wait inside it ends after 1 s. */
const STATEMENT_TIMEOUT_MS = 3000;
/** Connections that a read may lose before it gives up. A server that is gone is noticed when one is opened. */
const READ_ATTEMPTS_MAX = 4;
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
  readonly nowMs: () => number;
  /** A number in [0, 1) that spreads retries. */
  readonly random: () => number;
  /** Told each time that a transaction is run again. */
  readonly onRetry?: () => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const { log, connectionsMax } = options;
  const login = databaseLogin({ read: options.readLogin, log, nowMs: options.nowMs });
  const single = { connectionsMax, multipleStatements: false, login, log };
  // Reads have connections of their own, so that a crowd at the catalogue leaves the orders theirs.
  const writer = openConnectionPool(options.writerUrl, { ...single, multipleStatements: true });
  const reader = openConnectionPool(options.writerUrl, single);
  // One at a time, and never a connection that an order or a page could have had.
  const snapshots = openConnectionPool(options.writerUrl, { ...single, connectionsMax: 1 });
  const replica = options.replicaUrl === undefined ? reader : openConnectionPool(options.replicaUrl, single);
  const read: Read = (sql, values) => readOnce(reader, sql, values);

  return {
    read,
    readReplica:
      replica === reader
        ? read
        : readReplica({
            replica: (sql, values) => readOnce(replica, sql, values),
            writer: read,
            log,
            nowMs: options.nowMs,
          }),
    withTransaction: (settings, work) => withTransaction(writer, options, settings, work),
    readSnapshot: (settings, work) => readSnapshot(snapshots, settings, work),
    waiting: () => writer.waiting() + reader.waiting() + (replica === reader ? 0 : replica.waiting()),
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
  { nowMs, random, log, onRetry }: DatabaseOptions,
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
      onRetry?.();
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
  const statements = statementQueue(lease);
  const tx: Transaction = {
    read: (sql, values) => statements.run(sql, values),
    write: async (sql, values) => {
      const { affectedRows } = await statements.run<ResultSetHeader>(sql, values);
      return { affectedRows };
    },
  };

  try {
    const result = await work(tx);
    statements.end();
    await commit(lease);
    lease.release();
    return result;
  } catch (error) {
    const cause = statements.abandon(error);
    await rollBack(lease, cause);
    throw operational(cause);
  }
}

interface Waiting {
  readonly sql: string;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends the statements of a transaction, START TRANSACTION before the first. Those that are asked for in the same
 * turn of the loop go out together: a group of orders needs three round trips instead of twelve, and at each of
 * them the lane waits for a busy event loop. After a failure nothing more is sent.
 */
function statementQueue(lease: Lease) {
  let waiting: Waiting[] = [];
  let begun = false;
  let sending = false;
  let over = false;
  let failure: unknown;

  const send = async (): Promise<void> => {
    sending = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failure !== undefined) throw failure;
        const statements = batch.map(({ sql }) => sql);
        if (!begun) statements.unshift('START TRANSACTION');
        const answer = await lease.query<never[]>(statements.join(';\n'), STATEMENT_TIMEOUT_MS);
        // A lone statement is answered without the array around it.
        const answers = statements.length === 1 ? [answer as never] : answer.slice(begun ? 0 : 1);
        begun = true;
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as never);
      } catch (error) {
        failure = error;
        for (const { reject } of batch) reject(error);
      }
    }
    sending = false;
  };

  return {
    /** Nothing is sent from now on. Throws when a statement has failed or has not been waited for. */
    end: (): void => {
      if (failure === undefined && (sending || waiting.length > 0)) {
        failure = new Error('a transaction ended before its statements');
      }
      if (failure !== undefined) throw failure;
      over = true;
    },
    /** Nothing is sent from now on. Returns what made the transaction fail: its own first failure, or `error`. */
    abandon: (error: unknown): unknown => {
      over = true;
      failure ??= error;
      return failure;
    },
    run: async <R>(sql: string, values: readonly SqlValue[] = []): Promise<R> => {
      if (failure !== undefined) throw failure;
      if (over) throw new Error('the transaction of this statement has ended');
      const text = formatSql(sql, values);
      return new Promise<R>((resolve, reject) => {
        waiting.push({ sql: text, resolve, reject });
        if (!sending && waiting.length === 1) queueMicrotask(() => void send());
      });
    },
  };
}

async function commit(lease: Lease): Promise<void> {
  try {
    await lease.query('COMMIT', STATEMENT_TIMEOUT_MS);
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
    await lease.query('ROLLBACK', STATEMENT_TIMEOUT_MS);
    lease.release();
  } catch {
    lease.destroy();
  }
}

async function readOnce<R>(
  pool: ConnectionPool,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<R[]> {
  const text = formatSql(sql, values);
  // Idle connections may have been closed by the server a moment ago, several of them at once, so a lost connection
  // is no reason to fail a read.
  for (let attempt = 1; ; attempt += 1) {
    const lease = await pool.acquire();
    try {
      const rows = await lease.query<R[]>(text, STATEMENT_TIMEOUT_MS);
      lease.release();
      return rows;
    } catch (error) {
      const lost = databaseFailure(error) === 'connection';
      if (lost) lease.destroy();
      else lease.release();
      if (!lost || isTimeout(error) || attempt >= READ_ATTEMPTS_MAX) throw operational(error);
    }
  }
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}
