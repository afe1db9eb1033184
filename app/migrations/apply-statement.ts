import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ALTERING_LOCK } from '../platform/mysql/read-snapshot.ts';

/**
 * While a statement of DDL waits for a table, everything that comes after it waits too, reads included. This long at a
 * time; a group of orders waits for less than a second.
 */
const WAIT_MAX_MS = 250;
/** Between two attempts, so that what has waited gets its turn: the shop loses a tenth of its time at most. */
const PAUSE_MS = 2500;
/** A statement that has worked for long waits for its table once more, at its end, for whole seconds: its work is dear. */
const LAST_WAIT_S = 2;

/** 1205 the wait has taken too long; 1317 this process has ended it; 1213 a deadlock of locks on tables. */
const BUSY: ReadonlySet<unknown> = new Set([1205, 1213, 1317]);

/**
 * Errors by which a statement says that what it does has been done: the process died before it could record that, or
 * somebody made the change by hand before the release. 1050 table, 1060 column, 1061 index, 1826 constraint are there;
 * 1051 table, 1091 column or index are gone; 3822 and 3821 the same of a CHECK on MySQL.
 */
const DONE_ALREADY: ReadonlySet<unknown> = new Set([1050, 1051, 1060, 1061, 1091, 1826, 3821, 3822]);

const ALTERING_LOCK_WAIT_S = 10;

export interface ApplyOptions {
  /** Longest time, in ms, for which attempts are made. */
  readonly patienceMs: number;
  /** Told of each attempt that has found its table in use. */
  readonly onBusy?: (attempt: number) => void;
}

type Failure = Error & { readonly errno?: unknown; readonly fatal?: unknown };

/** The table that a statement needs was in use all the time. Nothing was changed, and the statement may be run again. */
export class TableBusy extends Error {
  constructor(patienceMs: number, cause: unknown) {
    super(
      `its table was in use for ${Math.round(patienceMs / 1000)} s: a transaction that has read it is still open (a dump, a report). End that one, then run the migration again`,
      { cause },
    );
    this.name = 'TableBusy';
  }
}

/**
 * Runs one statement of DDL without stopping those who use its table: an attempt that has to wait is ended after 0.25 s
 * and made again later. A statement that has been run before counts as done. Snapshots of the audit give way meanwhile.
 * Throws TableBusy after `patienceMs`, and the driver's error where the statement is at fault.
 *
 * @param watcher another connection of the same user, which sees and ends what waits.
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
    // With a lost connection it is free already.
    await connection.query('DO RELEASE_LOCK(CONCAT(?, DATABASE()))', [ALTERING_LOCK]).catch(() => undefined);
  }
}

function isDoneAlready({ errno, message }: Failure): boolean {
  // MariaDB's words for a foreign key that is there.
  return DONE_ALREADY.has(errno) || (errno === 1005 && message.includes('errno: 121'));
}

/** Resolves with the server's error; rejects when the connection is lost. */
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
  await endWhenWaiting(watcher, connection.threadId, running);
  const failure = await running;
  // An order to end that came too late would end the next statement.
  if (failure?.errno !== undefined) await connection.query('DO 0').catch(() => undefined);
  return failure;
}

/** Resolves once the statement needs no watching: it has ended, or has its table, or has been told to end. */
async function endWhenWaiting(
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
  // Else it has the table and works; see LAST_WAIT_S.
  if (/waiting for table/i.test(state ?? '')) await watcher.query('KILL QUERY ?', [threadId]).catch(() => {});
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms));
}
