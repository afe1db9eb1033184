import type { ResultSetHeader } from 'mysql2';
import { backOffMs } from '../load/back-off.ts';
import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';
import type { ConnectionPool, Lease, WriteResult } from './connection-pool.ts';
import { databaseFailure, isReadOnlyServer, lockConflict, operational } from './database-errors.ts';
import type { SqlValue } from './format-sql.ts';
import { STATEMENT_TIMEOUT_MS } from './read-once.ts';
import { CommitOutcomeUnknown, createStatementQueue, lostCommit } from './statement-queue.ts';

/**
 * Statements inside one transaction. Only `withTransaction` creates one. Statements that are issued together,
 * without awaiting each other (`Promise.all`), run in the order in which they were issued and share one round
 * trip.
 */
export interface Transaction {
  /** Rows of a SELECT. */
  read<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  write(sql: string, values?: readonly SqlValue[]): Promise<WriteResult>;
  /**
   * Runs a write that must change exactly `rows` rows. Otherwise the server fails the rest of its batch,
   * COMMIT included.
   */
  writeRows(rows: number, sql: string, values?: readonly SqlValue[]): Promise<void>;
  /**
   * Appends COMMIT to the batch of these writes, issued in this tick, and saves a round trip. Use only when
   * no result must be inspected before the commit; see `writeRows`. Commits nothing if one of them fails,
   * even before its statement is issued. Resolves with the commit. A statement issued after it fails.
   */
  commitWith(writes: readonly Promise<unknown>[]): Promise<void>;
}

export interface TransactionOptions {
  /** Purpose of the transaction: a field of the log lines about retries. */
  readonly name: string;
  /**
   * True when `work` detects, under its locks, that an earlier run has committed, for example by an
   * idempotency key. Only then does it run again after a COMMIT whose outcome is unknown.
   */
  readonly rerunnable: boolean;
}

export interface TransactionDependencies {
  readonly pool: ConnectionPool;
  readonly log: Log;
  /** Measures durations; never set back, as performance.now. */
  readonly steadyMs: () => number;
  /** A number in [0, 1) that spreads retries. */
  readonly random: () => number;
  /** Called once per generation of connections whose server has become read-only. */
  readonly onReadOnly: () => void;
  /** Called each time that a transaction runs again. */
  readonly onRetry?: (() => void) | undefined;
  /** Called for each deadlock and each lock wait timeout that has ended a transaction. */
  readonly onLockConflict?: ((kind: 'deadlock' | 'timeout') => void) | undefined;
}

/** Time for all attempts of a transaction together. Below the request deadline of 8 s. */
const TRANSACTION_BUDGET_MS = 5000;
const BACK_OFF = { firstMs: 10, maxMs: 100, leastMs: 5 };

/**
 * Runs `work` in one READ COMMITTED transaction and commits it. Nothing else in the app commits.
 *
 * Guarantees: everything that `work` wrote is committed, or nothing is. The first failing statement ends the
 * transaction, even when `work` swallows the error, because a lock wait timeout rolls back only its own
 * statement and a COMMIT after it would keep half of the work. Deadlocks, lock wait timeouts and connections
 * lost before COMMIT are retried as a whole, with jitter, for 5 s. After a lost COMMIT only `rerunnable` work
 * is retried.
 *
 * Throws OperationalError `busy_retry` when locks or an unknown outcome outlast the budget, OperationalError
 * `dependency_unavailable` when the database cannot be reached, and whatever `work` throws itself.
 */
export async function withTransaction<T>(
  dependencies: TransactionDependencies,
  { name, rerunnable }: TransactionOptions,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const { steadyMs, random, log, onRetry } = dependencies;
  const deadlineMs = steadyMs() + TRANSACTION_BUDGET_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runTransaction(dependencies, work);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const unknown = error instanceof CommitOutcomeUnknown;
      const delayMs = backOffMs(BACK_OFF, attempt, random);
      if (!error.retryable || (unknown && !rerunnable) || steadyMs() + delayMs >= deadlineMs) throw error;
      onRetry?.();
      log.info('transaction_retried', { transaction: name, attempt, unknown, reason: failureReason(error) });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

/** Runs `work` in a transaction once, without retries. Throws as `withTransaction` does. */
export async function runTransaction<T>(
  {
    pool,
    onReadOnly,
    onLockConflict,
  }: Pick<TransactionDependencies, 'pool' | 'onReadOnly' | 'onLockConflict'>,
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
    commitWith: statements.commitWith,
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

/** Leaves no transaction behind: the connection returns to the pool rolled back, or it is destroyed. */
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
