import type { Database } from '../platform/mysql/database.ts';
import { pause } from '../platform/load/pause.ts';
import { repeatWork, type RepeatWorkDependencies } from '../platform/load/repeat-work.ts';
import { firstUuidAt } from '../platform/uuid.ts';
import { deleteProcessedEvents, findInboxIdBehind, moveInboxHorizon, readTimeAgo } from './inbox-sql.ts';

export interface PurgeInboxDependencies extends RepeatWorkDependencies {
  readonly database: Database;
  /**
   * How long rows are kept: longer than a message can stay in the queue and then in the dead-letter queue.
   */
  readonly retentionMs: number;
}

/** Rows scanned per transaction. Consumers wait for its 10–20 ms. */
const CHUNK = 1000;
/** Pause between two chunks for the consumers and the disk. */
const REST_MS = 20;
/**
 * Rows are deleted this much later than the horizon says. The audit decides by an order's time whether its
 * row may be missing, and the clock of the process that counted it may have been slow.
 */
const CLOCK_ERROR_MAX_MS = 600_000;

/**
 * Purges inbox rows that are older than any message, about every `everyMs`, until `signal` aborts. Every
 * process does this: two at once do no harm, and the data platform has no Redis to elect one.
 */
export function purgeInboxRegularly(
  dependencies: PurgeInboxDependencies,
  signal: AbortSignal,
): Promise<void> {
  const purge = async (leading: AbortSignal) => {
    const rows = await purgeInbox(dependencies, leading);
    if (rows > 0) dependencies.log.info('inbox_purged', { rows });
  };
  return repeatWork(dependencies, 'inbox-purge', purge, signal);
}

/**
 * Scans the inbox below the horizon once, in chunks of the primary key. Returns the number of deleted rows.
 *
 * An id is as old as its order, but the row of a late cancellation is younger than its id. Ids therefore only
 * limit the scan; few rows remain there to be scanned again. The transaction that deletes rows also moves the
 * horizon, so a reader that misses a row sees the horizon after it.
 */
export async function purgeInbox(
  { database, retentionMs }: Pick<PurgeInboxDependencies, 'database' | 'retentionMs'>,
  signal: AbortSignal,
): Promise<number> {
  const horizon = await readTimeAgo(database, retentionMs);
  const before = new Date(horizon.getTime() - CLOCK_ERROR_MAX_MS);
  const end = firstUuidAt(horizon);
  let removed = 0;
  for (let from: Buffer = Buffer.alloc(16); !signal.aborted; ) {
    const cut = await findInboxIdBehind(database, { from, to: end, rows: CHUNK });
    const to = cut ?? end;
    removed += await database.withTransaction({ name: 'purge_inbox', rerunnable: true }, async (tx) => {
      const rows = await deleteProcessedEvents(tx, { from, to, before });
      // If nothing is deleted, the inbox still knows every event.
      if (rows > 0) await moveInboxHorizon(tx, horizon);
      return rows;
    });
    if (cut === undefined) break;
    from = cut;
    await pause(REST_MS, signal);
  }
  return removed;
}
