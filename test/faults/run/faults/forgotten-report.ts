import { pause } from '../../../../app/platform/load/pause.ts';
import type { DirectDatabase } from '../direct-database.ts';
import type { Fault } from '../fault.ts';

/** Tables to which a transaction of the app writes after it has written to others. */
const WRITTEN_LATE = ['outbox', 'wallet_entries', 'order_items'] as const;
/** The report may be the victim of a deadlock, because it locks all rows in key order. */
const ATTEMPTS_MAX = 10;
const ATTEMPT_PAUSE_MS = 20;

/**
 * A report of whole orders in a transaction that is never ended. `INSERT … SELECT` and the like lock as this
 * does: every row, and the gap after the last one. An INSERT then gets 1205, which rolls back that one
 * statement only: the transaction's earlier writes are still there and must not be committed.
 */
export const forgottenReport: Fault = {
  name: 'forgotten-report',
  about:
    'a report keeps a table that is written late in a transaction locked, for longer than a statement waits',
  touches: ['mysql'],
  lastsMs: [1300, 2200],
  begin: async ({ database }, draw) => {
    const table = WRITTEN_LATE[Math.floor(draw() * WRITTEN_LATE.length)] as string;
    const connection = await locked(database, table);
    // The locks end with the connection.
    return { detail: { table }, end: async () => connection.destroy() };
  },
};

async function locked(
  database: DirectDatabase,
  table: string,
): Promise<Awaited<ReturnType<DirectDatabase['connect']>>> {
  const connection = await database.connect();
  try {
    await connection.query('SET SESSION innodb_lock_wait_timeout = 1');
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    for (let attempt = 1; ; attempt += 1) {
      try {
        await connection.query('START TRANSACTION');
        await connection.query(`SELECT * FROM ${table} FORCE INDEX (PRIMARY) LOCK IN SHARE MODE`);
        return connection;
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX) throw error;
        await connection.query('ROLLBACK');
        await pause(ATTEMPT_PAUSE_MS, new AbortController().signal);
      }
    }
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
