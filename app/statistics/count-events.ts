import type { OrderEvent } from '../events/order-event.ts';
import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import type { Database } from '../platform/mysql/database.ts';
import { isDuplicateKey } from '../platform/mysql/database-errors.ts';
import { OperationalError } from '../platform/operational-error.ts';
import { findCountedEvents, insertProcessedEvents, readInboxHorizon } from './inbox-sql.ts';
import { salesDeltas } from './sales-deltas.ts';
import { addSales } from './statistics-sql.ts';

/** Bounds a transaction to some 50 ms. */
const EVENTS_PER_TRANSACTION_MAX = 2000;

export interface CountedEvents {
  /** Number of events that this call has counted. The others were counted before, unless they are refused. */
  readonly counted: number;
  /** Events that cannot be counted, keyed by event id, each with its error. */
  readonly refused: ReadonlyMap<string, unknown>;
}

/**
 * Adds events to the statistics, each exactly once however often it is delivered: one transaction per 2,000
 * events writes inbox rows and sums. A transaction that fails is rolled back and runs again without the
 * events that the inbox knows, or in halves if it knows none, so that an event that cannot be counted does
 * not block others.
 *
 * An event from before the inbox's horizon that is not in the inbox is refused: nothing can tell whether it
 * was counted. Throws OperationalError if the database is unavailable or busy: then what was not counted is
 * delivered again.
 */
export async function countEvents(
  { database, nowMs }: { database: Database; nowMs: () => number },
  events: readonly OrderEvent[],
): Promise<CountedEvents> {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const refused = new Map<string, unknown>();
  let counted = 0;
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

  const countOrRefuse = async (batch: readonly OrderEvent[]): Promise<void> => {
    const [first] = batch;
    if (first === undefined) return;
    try {
      await count(batch);
      counted += batch.length;
      return;
    } catch (error) {
      if (error instanceof OperationalError) throw error;
      const isDuplicate = isDuplicateKey(error);
      if (batch.length === 1) {
        if (!isDuplicate) refused.set(first.id, error);
        return;
      }
      if (isDuplicate) {
        const fresh = await withoutCounted(database, batch);
        if (fresh.length < batch.length) return countOrRefuse(fresh);
      }
    }
    const middle = Math.ceil(batch.length / 2);
    await countOrRefuse(batch.slice(0, middle));
    await countOrRefuse(batch.slice(middle));
  };

  for (const batch of chunksOf(distinct, EVENTS_PER_TRANSACTION_MAX)) await countOrRefuse(batch);
  return { counted, refused };
}

async function withoutCounted(database: Database, events: readonly OrderEvent[]): Promise<OrderEvent[]> {
  const fresh: OrderEvent[] = [];
  for (const chunk of chunksOf(events, IDS_MAX)) {
    const { countedAt } = await findCountedEvents(
      database.read,
      chunk.map(({ id }) => id),
    );
    fresh.push(...chunk.filter(({ id }) => !countedAt.has(id)));
  }
  return fresh;
}
