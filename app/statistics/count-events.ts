import type { OrderCompleted } from '../events/order-event.ts';
import type { Database } from '../platform/database.ts';
import { isDuplicateKey } from '../platform/database-errors.ts';
import { salesDeltas } from './sales-deltas.ts';
import { addSales, insertProcessedEvents } from './statistics-sql.ts';

/**
 * Adds events to the statistics, each exactly once however often it is delivered: the inbox row and the sums
 * are written in one transaction. A batch that holds an event counted before is rolled back and taken event by
 * event. Returns the ids that were new.
 */
export async function countEvents(
  { database, nowMs }: { database: Database; nowMs: () => number },
  events: readonly OrderCompleted[],
): Promise<string[]> {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const count = (batch: readonly OrderCompleted[]) =>
    // Rerunnable: after a lost COMMIT that went through, the inbox refuses the second run.
    database.withTransaction({ name: 'count_events', rerunnable: true }, async (tx) => {
      await insertProcessedEvents(
        tx,
        batch.map(({ id }) => id),
        new Date(nowMs()),
      );
      await addSales(tx, salesDeltas(batch));
    });

  try {
    await count(distinct);
    return distinct.map(({ id }) => id);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const counted: string[] = [];
  for (const event of distinct) {
    try {
      await count([event]);
      counted.push(event.id);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
  return counted;
}
