import type { OrderEvent } from '../events/order-event.ts';
import type { Database } from '../platform/mysql/database.ts';
import { isDuplicateKey } from '../platform/mysql/database-errors.ts';
import { OperationalError } from '../platform/operational-error.ts';
import { insertProcessedEvents, readInboxHorizon } from './inbox-sql.ts';
import { salesDeltas } from './sales-deltas.ts';
import { addSales } from './statistics-sql.ts';

export interface CountedEvents {
  /** Ids of events in the statistics now, whether counted by this call or an earlier one. */
  readonly done: ReadonlySet<string>;
  /** Number of events that this call has counted. */
  readonly counted: number;
  /** Events that cannot be counted, each with its error. */
  readonly refused: readonly { readonly eventId: string; readonly error: unknown }[];
}

/**
 * Adds events to the statistics, each exactly once however often it is delivered: one transaction writes
 * inbox rows and sums. If a batch fails as a whole, it is rolled back and counted event by event, so that an
 * event that was counted before or cannot be counted does not block others.
 *
 * An event from before the inbox's horizon that is not in the inbox is refused: nothing can tell whether it
 * was counted. Throws OperationalError, with nothing counted, if the database is unavailable or busy.
 */
export async function countEvents(
  { database, nowMs }: { database: Database; nowMs: () => number },
  events: readonly OrderEvent[],
): Promise<CountedEvents> {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const count = (batch: readonly OrderEvent[]) =>
    // Rerunnable: if a COMMIT succeeded without a response, the inbox rejects the second run.
    database.withTransaction({ name: 'count_events', rerunnable: true }, async (tx) => {
      const [horizon] = await Promise.all([
        readInboxHorizon(tx),
        insertProcessedEvents(
          tx,
          batch.map(({ id }) => id),
          new Date(nowMs()),
        ),
        addSales(tx, salesDeltas(batch)),
      ]);
      if (horizon !== undefined && batch.some(({ time }) => Date.parse(time) < horizon.getTime())) {
        throw new Error('the event is older than what the inbox remembers');
      }
    });

  try {
    await count(distinct);
    return { done: new Set(distinct.map(({ id }) => id)), counted: distinct.length, refused: [] };
  } catch (error) {
    if (error instanceof OperationalError) throw error;
  }
  const done = new Set<string>();
  const refused: { eventId: string; error: unknown }[] = [];
  let counted = 0;
  for (const event of distinct) {
    try {
      await count([event]);
      counted += 1;
      done.add(event.id);
    } catch (error) {
      if (error instanceof OperationalError) throw error;
      if (isDuplicateKey(error)) done.add(event.id);
      else refused.push({ eventId: event.id, error });
    }
  }
  return { done, counted, refused };
}
