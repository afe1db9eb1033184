import type { ConnectionPool, Read } from './connection-pool.ts';
import { operational } from './database-errors.ts';
import { formatSql, type SqlValue } from './format-sql.ts';
import { OperationalError } from '../operational-error.ts';

/**
 * The server itself ends a statement of a snapshot after this long; the client stops waiting a little later. Each
 * engine has a name of its own for the limit and reads the other one's as a comment.
 */
const SNAPSHOT_STATEMENT_MAX_MS = 20_000;
const SNAPSHOT_LIMITS = `SET SESSION lock_wait_timeout = 5
  /*M! , max_statement_time = ${SNAPSHOT_STATEMENT_MAX_MS / 1000} */
  /*!80000 , max_execution_time = ${SNAPSHOT_STATEMENT_MAX_MS} */`;
const SNAPSHOT_ANSWER_MAX_MS = SNAPSHOT_STATEMENT_MAX_MS + 5000;

/** A lock of this name and the database's (GET_LOCK) is held while a migration is applied: see migrations/apply-statement.ts. */
export const ALTERING_LOCK = 'rowlock_altering';
const ALTERING = `SELECT IS_USED_LOCK(CONCAT('${ALTERING_LOCK}', DATABASE())) IS NOT NULL AS altering`;

export interface SnapshotOptions {
  /** Ends the work without waiting for the statement that is under way. */
  readonly signal: AbortSignal;
  /** Of all processes at this database, only one at a time has a snapshot of this name; the others are refused at once. */
  readonly onlyOneNamed?: string | undefined;
}

/**
 * Runs `work` on one consistent snapshot of the whole database (REPEATABLE READ, READ ONLY): every statement sees
 * what was committed when the first one ran, however long it takes and whatever is written meanwhile. It takes no
 * row lock and waits for none. Its price is that the server keeps old row versions until the end, and that no table which it has
 * read can be altered meanwhile; so it gives way to a migration. One at a time a process: a second caller waits 1 s and then
 * gets OperationalError `busy_retry`.
 *
 * Throws that too when a migration wants a table, when a statement takes longer than 20 s or the name is taken, `dependency_unavailable` when the
 * database is lost, and the signal's reason at once when that aborts.
 */
export async function readSnapshot<T>(
  pool: ConnectionPool,
  { signal, onlyOneNamed }: SnapshotOptions,
  work: (read: Read) => Promise<T>,
): Promise<T> {
  const lease = await pool.acquire();
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  // Whoever waits for it is told; when nobody does, that is no failure.
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
    if (onlyOneNamed !== undefined) await takeName(run, onlyOneNamed);
    await run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const result = await work(readUnlessAltered);
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
  }
}

/** GET_LOCK counts for the whole server, and for as long as the connection. */
async function takeName(read: Read, name: string): Promise<void> {
  const [row] = await read<{ held: number }>('SELECT GET_LOCK(CONCAT(DATABASE(), ?), 0) AS held', [name]);
  if (row?.held !== 1) throw new OperationalError('busy_retry', `another process has the snapshot ${name}`);
}
