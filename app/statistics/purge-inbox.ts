import type { Database } from '../platform/mysql/database.ts';
import { pause } from '../platform/load/pause.ts';
import { repeatWork, type RepeatWorkDependencies } from '../platform/load/repeat-work.ts';
import { firstUuidAt } from '../platform/uuid.ts';
import { deleteProcessedEvents, findInboxIdBehind, moveInboxHorizon, readTimeAgo } from './inbox-sql.ts';

export interface PurgeInboxDependencies extends RepeatWorkDependencies {
  readonly database: Database;
  /** How long a row stays: longer than a message can be in the queue and then in the dead-letter queue. */
  readonly keptMs: number;
}

/** Rows that a transaction looks at: 10–20 ms, for which the consumers wait. */
const CHUNK = 1000;
/** Between two chunks, so that the consumers and the disk get their turn. */
const REST_MS = 20;
/**
 * Rows are removed this much later than the horizon says. The audit tells by the time of an order whether its row may
 * be gone, and the clock of the process that counted it may have been behind.
 */
const CLOCK_ERROR_MAX_MS = 600_000;

/**
 * Removes inbox rows older than any message, about every `everyMs`, until `signal` aborts. Every process does it: two at
 * once do no harm, and the data platform has no Redis to agree on one.
 */
export function purgeInboxRegularly(
  dependencies: PurgeInboxDependencies,
  signal: AbortSignal,
): Promise<void> {
  const purge = async (turn: AbortSignal) => {
    const rows = await purgeInbox(dependencies, turn);
    if (rows > 0) dependencies.log.info('inbox_purged', { rows });
  };
  return repeatWork(dependencies, 'inbox-purge', purge, signal);
}

/**
 * One look at the inbox below the horizon, in chunks of the primary key; returns how many rows are gone. An id is as old
 * as its order, and the row of a late cancellation younger than its id, so that the ids only say where to look: few rows
 * are left there to be passed again. The horizon moves in the transaction in which the rows go, so that whoever sees one
 * missing sees the horizon behind it.
 */
export async function purgeInbox(
  { database, keptMs }: Pick<PurgeInboxDependencies, 'database' | 'keptMs'>,
  signal: AbortSignal,
): Promise<number> {
  const horizon = await readTimeAgo(database, keptMs);
  const before = new Date(horizon.getTime() - CLOCK_ERROR_MAX_MS);
  const end = firstUuidAt(horizon);
  let removed = 0;
  for (let from: Buffer = Buffer.alloc(16); !signal.aborted; ) {
    const cut = await findInboxIdBehind(database, { from, to: end, rows: CHUNK });
    const to = cut ?? end;
    removed += await database.withTransaction({ name: 'purge_inbox', rerunnable: true }, async (tx) => {
      const rows = await deleteProcessedEvents(tx, { from, to, before });
      // Where nothing goes, everything is still known.
      if (rows > 0) await moveInboxHorizon(tx, horizon);
      return rows;
    });
    if (cut === undefined) break;
    from = cut;
    await pause(REST_MS, signal);
  }
  return removed;
}
