import type { OrderEvent } from '../events/order-event.ts';
import type { Database } from '../platform/mysql/database.ts';
import { isDuplicateKey } from '../platform/mysql/database-errors.ts';
import { OperationalError } from '../platform/operational-error.ts';
import { insertProcessedEvents, readInboxHorizon } from './inbox-sql.ts';
import { salesDeltas } from './sales-deltas.ts';
import { addSales } from './statistics-sql.ts';

export interface CountedEvents {
  /** Ids that are in the statistics now, whether this call or an earlier one has counted them. */
  readonly done: ReadonlySet<string>;
  /** How many of them this call has counted. */
  readonly counted: number;
  /** Events that the database refuses, each with its reason. */
  readonly refused: readonly { readonly eventId: string; readonly error: unknown }[];
}

/**
 * Adds events to the statistics, each exactly once however often it is delivered: the inbox row and the sums
 * are written in one transaction. A batch that does not go through as a whole is rolled back and taken event by
 * event, so that one that was counted before or cannot be counted keeps no other from it. Throws
 * OperationalError, with nothing settled, when the database is away or busy. An event that happened before the inbox's
 * horizon and is not in it is refused: nobody can tell any more whether it was counted.
 */
export async function countEvents(
  { database, nowMs }: { database: Database; nowMs: () => number },
  events: readonly OrderEvent[],
): Promise<CountedEvents> {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const count = (batch: readonly OrderEvent[]) =>
    // Rerunnable: after a lost COMMIT that went through, the inbox refuses the second run.
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
