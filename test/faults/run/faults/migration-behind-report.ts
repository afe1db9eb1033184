import { alter } from '../newer-release.ts';
import { onThisMachine } from '../../../support/on-this-machine.ts';
import type { DirectDatabase } from '../direct-database.ts';
import type { Fault } from '../fault.ts';

/** The migration releases the table after 0.25 s. */
const READ_MAX_MS = 1500;
const READ_EVERY_MS = 50;

/**
 * A report keeps a snapshot open while a release alters a table that the report has read. The migration must
 * wait for the report to end, but the shop must not: a table that an ALTER waits for serves no query.
 */
export const migrationBehindReport: Fault = {
  name: 'migration-behind-report',
  about: 'a release alters the orders table while a report reads a snapshot: only the release waits',
  touches: ['mysql'],
  lastsMs: [2500, 3500],
  begin: async ({ database, complain }) => {
    const report = await database.connect();
    try {
      await report.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await report.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      await report.query('SELECT COUNT(*) FROM orders');
    } catch (error) {
      report.destroy();
      throw error;
    }
    const over = new AbortController();
    const reads = longestRead(database, over.signal);
    // Changes nothing, but needs an exclusive lock on the table.
    const altered = alter(database, "ALTER TABLE orders COMMENT = 'altered'");
    altered.catch(() => undefined);
    return {
      end: async () => {
        report.destroy();
        await altered;
        over.abort();
        const longestMs = await reads;
        if (longestMs > onThisMachine(READ_MAX_MS))
          complain(`a read of the orders took ${longestMs} ms behind a migration`);
      },
    };
  },
};

async function longestRead(database: DirectDatabase, signal: AbortSignal): Promise<number> {
  let longestMs = 0;
  while (!signal.aborted) {
    const startMs = performance.now();
    await database.read('SELECT id FROM orders LIMIT 1');
    longestMs = Math.max(longestMs, Math.round(performance.now() - startMs));
    await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS));
  }
  return longestMs;
}
