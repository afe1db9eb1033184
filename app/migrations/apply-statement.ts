import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ALTERING_LOCK } from '../platform/mysql/read-snapshot.ts';

/**
 * Longest wait of one attempt. While a DDL statement waits for a table, every later statement on it waits
 * too, reads included. A group of orders waits less than a second.
 */
const WAIT_MAX_MS = 250;
/**
 * Pause between two attempts, for the statements that have waited: the shop loses a tenth of its time at
 * most.
 */
const PAUSE_MS = 2500;
/**
 * lock_wait_timeout at the end of a statement that has worked for long: repeating its work would cost more.
 */
const LAST_WAIT_S = 2;

/** 1205 lock wait timeout; 1317 killed by this process; 1213 deadlock of table locks. */
const BUSY: ReadonlySet<unknown> = new Set([1205, 1213, 1317]);

/**
 * Errors of a statement whose change exists already: a process died before it recorded the migration, or an
 * operator made the change by hand. 1050 table, 1060 column, 1061 index, 1826 constraint exist; 1051 table,
 * 1091 column or index do not; 3822 and 3821 are the same for a CHECK on MySQL.
 */
const DONE_ALREADY: ReadonlySet<unknown> = new Set([1050, 1051, 1060, 1061, 1091, 1826, 3821, 3822]);

const ALTERING_LOCK_WAIT_S = 10;

export interface ApplyOptions {
  /** Time for all attempts together. */
  readonly patienceMs: number;
  /** Called for each attempt that found the table in use. */
  readonly onBusy?: (attempt: number) => void;
}

type Failure = Error & { readonly errno?: unknown; readonly fatal?: unknown };

/** The table of the statement stayed in use. Nothing was changed; the statement may run again. */
class TableBusy extends Error {
  constructor(patienceMs: number, cause: unknown) {
    super(
      `its table was in use for ${Math.round(patienceMs / 1000)} s: a transaction that has read it is ` +
        'still open (a dump, a report). End that transaction, then run the migration again',
      { cause },
    );
    this.name = 'TableBusy';
  }
}

/**
 * Runs one DDL statement without blocking users of its table: an attempt that must wait is killed after 0.25
 * s and repeated later. A statement that has run before counts as done. Snapshots of the audit give way
 * meanwhile. Throws TableBusy after `patienceMs`, and the driver's error when the statement itself is wrong.
 *
 * @param watcher a second connection of the same user, which detects and kills a waiting statement.
 */
export async function applyStatement(
  connection: Connection,
  watcher: Connection,
  sql: string,
  { patienceMs, onBusy }: ApplyOptions,
): Promise<void> {
  await connection.query('SET SESSION lock_wait_timeout = ?', [LAST_WAIT_S]);
  await connection.query('DO GET_LOCK(CONCAT(?, DATABASE()), ?)', [ALTERING_LOCK, ALTERING_LOCK_WAIT_S]);
  try {
    const deadlineMs = performance.now() + patienceMs;
    for (let attempt = 1; ; attempt += 1) {
      const failure = await attemptOnce(connection, watcher, sql);
      if (failure === undefined || isDoneAlready(failure)) return;
      if (!BUSY.has(failure.errno)) throw failure;
      if (performance.now() + PAUSE_MS >= deadlineMs) throw new TableBusy(patienceMs, failure);
      onBusy?.(attempt);
      await pause(PAUSE_MS);
    }
  } finally {
    // A lost connection has released it.
    await connection.query('DO RELEASE_LOCK(CONCAT(?, DATABASE()))', [ALTERING_LOCK]).catch(() => undefined);
  }
}

function isDoneAlready({ errno, message }: Failure): boolean {
  // MariaDB's error for a foreign key that exists.
  return DONE_ALREADY.has(errno) || (errno === 1005 && message.includes('errno: 121'));
}

/** Resolves with the server's error, undefined for success. Rejects when the connection is lost. */
async function attemptOnce(
  connection: Connection,
  watcher: Connection,
  sql: string,
): Promise<Failure | undefined> {
  const running = connection.query(sql).then(
    () => undefined,
    (error: Failure) => {
      if (error.fatal === true) throw error;
      return error;
    },
  );
  await killWhenWaiting(watcher, connection.threadId, running);
  const failure = await running;
  // A late KILL would otherwise hit the next statement.
  if (failure?.errno !== undefined) await connection.query('DO 0').catch(() => undefined);
  return failure;
}

/** Resolves once the statement has ended, has its table, or has been killed. */
async function killWhenWaiting(
  watcher: Connection,
  threadId: number,
  running: Promise<unknown>,
): Promise<void> {
  const over = running.then(
    () => true,
    () => true,
  );
  if (await Promise.race([over, pause(WAIT_MAX_MS)])) return;
  const [rows] = await watcher.query<RowDataPacket[]>('SHOW PROCESSLIST');
  const state = rows.find((row) => row.Id === threadId)?.State as string | null | undefined;
  // A statement in any other state has its table and works; see LAST_WAIT_S.
  if (/waiting for table/i.test(state ?? '')) await watcher.query('KILL QUERY ?', [threadId]).catch(() => {});
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms));
}
