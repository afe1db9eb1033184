import type { ConnectionPool, Read } from './connection-pool.ts';
import { operational } from './database-errors.ts';
import { formatSql, type SqlValue } from './format-sql.ts';
import { OperationalError } from '../operational-error.ts';

/**
 * The server stops a statement of a snapshot after this long; the client stops waiting a little later. Each
 * engine has its own name for the limit and reads the other one's as a comment.
 */
const SNAPSHOT_STATEMENT_MAX_MS = 20_000;
const SNAPSHOT_LIMITS = `SET SESSION lock_wait_timeout = 5
  /*M! , max_statement_time = ${SNAPSHOT_STATEMENT_MAX_MS / 1000} */
  /*!80000 , max_execution_time = ${SNAPSHOT_STATEMENT_MAX_MS} */`;
const SNAPSHOT_ANSWER_MAX_MS = SNAPSHOT_STATEMENT_MAX_MS + 5000;

/**
 * Prefix of the lock (GET_LOCK) that a migration holds while it runs a statement: see
 * migrations/apply-statement.ts.
 */
export const ALTERING_LOCK = 'rowlock_altering';
const ALTERING = `SELECT IS_USED_LOCK(CONCAT('${ALTERING_LOCK}', DATABASE())) IS NOT NULL AS altering`;

export interface SnapshotOptions {
  /** Ends the work without waiting for the running statement. */
  readonly signal: AbortSignal;
  /** Name that one process per database may use at a time. The others are rejected at once. */
  readonly onlyOneNamed?: string | undefined;
}

/**
 * Runs `work` on one consistent snapshot of the whole database (REPEATABLE READ, READ ONLY): every statement
 * sees what was committed when the first one ran, however long `work` takes and whatever is written
 * meanwhile. It takes no row lock and waits for none.
 *
 * The server keeps old row versions until the end, and tables that the snapshot has read cannot be altered
 * meanwhile. So the snapshot gives way to a migration. A process has one snapshot at a time; a second caller
 * waits 1 s.
 *
 * Throws OperationalError `busy_retry` when another snapshot runs or the name is taken, when a migration
 * needs a table, and when a statement takes longer than 20 s. Throws `dependency_unavailable` when the
 * database is lost, and the signal's reason at once when it aborts.
 */
export async function readSnapshot<T>(
  pool: ConnectionPool,
  { signal, onlyOneNamed }: SnapshotOptions,
  work: (read: Read) => Promise<T>,
): Promise<T> {
  const lease = await pool.acquire();
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  // An abort that nothing waits for is no unhandled rejection.
  aborted.catch(() => undefined);
  const onAbort = () => abort(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const run = <R>(sql: string, values: readonly SqlValue[] = []): Promise<R[]> => {
    signal.throwIfAborted();
    return Promise.race([lease.query<R[]>(formatSql(sql, values), SNAPSHOT_ANSWER_MAX_MS), aborted]);
  };
  const giveWay = async (): Promise<void> => {
    const [row] = await run<{ altering: number }>(ALTERING);
    if (row?.altering === 1) throw new OperationalError('busy_retry', 'a snapshot gave way to a migration');
  };
  const readUnlessAltered: Read = async (sql, values) => {
    await giveWay();
    return run(sql, values);
  };
  try {
    await run(SNAPSHOT_LIMITS);
    await giveWay();
    if (onlyOneNamed !== undefined) await acquireName(run, onlyOneNamed);
    await run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const result = await work(readUnlessAltered);
    await run('COMMIT');
    if (onlyOneNamed !== undefined) await run('DO RELEASE_LOCK(CONCAT(DATABASE(), ?))', [onlyOneNamed]);
    lease.release();
    return result;
  } catch (error) {
    // Closing rolls back, frees the name and drops the session settings of a snapshot.
    lease.destroy();
    throw operational(error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** GET_LOCK is per server, and held as long as the connection. */
async function acquireName(read: Read, name: string): Promise<void> {
  const [row] = await read<{ held: number }>('SELECT GET_LOCK(CONCAT(DATABASE(), ?), 0) AS held', [name]);
  if (row?.held !== 1) throw new OperationalError('busy_retry', `another process has the snapshot ${name}`);
}
