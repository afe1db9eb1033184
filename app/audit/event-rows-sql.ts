import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import type { BrokenRow } from './audit-report.ts';
import type { IdRange } from './id-ranges-sql.ts';

/** SQL for the id of an order's cancellation event: version 8 instead of 7; see events/order-event.ts. */
export function cancelledEventId(orderId: string): string {
  return `UNHEX(CONCAT(LEFT(HEX(${orderId}), 12), '8', SUBSTRING(HEX(${orderId}), 14)))`;
}

/** SQL for the reverse. Valid only for ids with version 8. */
function cancelledOrderId(eventId: string): string {
  return `UNHEX(CONCAT(LEFT(HEX(${eventId}), 12), '7', SUBSTRING(HEX(${eventId}), 14)))`;
}

/** Expected events of orders and cancellations. Uses the primary key of orders. */
const dueEvents = `
  SELECT id AS event_id, created_at AS since FROM orders WHERE id > ? AND id <= ?
  UNION ALL
  SELECT ${cancelledEventId('id')}, COALESCE(cancelled_at, created_at) FROM orders
  WHERE id > ? AND id <= ? AND status = 'CANCELLED'`;

const inNeither = `
  FROM (${dueEvents}) due
  LEFT JOIN processed_events p ON p.event_id = due.event_id
  LEFT JOIN outbox b ON b.event_id = due.event_id
  WHERE p.event_id IS NULL AND b.event_id IS NULL AND since >= ?`;

/**
 * The time before which inbox rows may have been purged. A missing event from before it is assumed to be
 * counted; the statistics check decides whether it was. The epoch if nothing has been purged yet.
 */
export async function readInboxHorizon(read: Read): Promise<Date> {
  const [row] = await read<{ purged_before: Date }>('SELECT purged_before FROM inbox_horizon WHERE id = 1');
  return row?.purged_before ?? new Date(0);
}

/**
 * Events since the horizon that are neither in the outbox nor in the inbox: in flight, or lost. Includes late
 * cancellations of old orders. Lookups by primary keys.
 */
export async function countEventsInFlight(
  read: Read,
  { from, to }: IdRange,
  horizon: Date,
): Promise<{ count: number; oldest: Date | null }> {
  const [row] = await read<{ events: number; oldest: Date | null }>(
    `SELECT COUNT(*) AS events, MIN(since) AS oldest ${inNeither}`,
    [from, to, from, to, horizon],
  );
  return { count: row?.events ?? 0, oldest: row?.oldest ?? null };
}

/** Events in flight since `lateBefore` or longer. */
export async function readLateEvents(
  read: Read,
  { from, to }: IdRange,
  { horizon, lateBefore }: { horizon: Date; lateBefore: Date },
): Promise<BrokenRow[]> {
  const rows = await read<{ event_id: Buffer; since: Date }>(
    `SELECT due.event_id, since ${inNeither} AND since <= ? ORDER BY since`,
    [from, to, from, to, horizon, lateBefore],
  );
  return rows.map(({ event_id: eventId, since }) => ({
    id: uuidText(eventId),
    detail: `neither in the outbox nor in the inbox since ${since.toISOString()}`,
  }));
}

export type EventTable = 'outbox' | 'processed_events';

/** Events without a cause: their order does not exist, or the cancellation did not happen. */
export async function readStrayEvents(
  read: Read,
  table: EventTable,
  { from, to }: IdRange,
): Promise<BrokenRow[]> {
  const rows = await read<{ event_id: Buffer; status: string | null }>(
    `SELECT v.event_id, o.status FROM (
       SELECT event_id, SUBSTRING(HEX(event_id), 13, 1) = '8' AS is_cancellation FROM ${table}
       WHERE event_id > ? AND event_id <= ?) v
     LEFT JOIN orders o
       ON o.id = CASE WHEN is_cancellation THEN ${cancelledOrderId('v.event_id')} ELSE v.event_id END
     WHERE o.id IS NULL OR (is_cancellation AND o.status <> 'CANCELLED')`,
    [from, to],
  );
  return rows.map(({ event_id: eventId, status }) => ({
    id: uuidText(eventId),
    detail:
      `in ${table === 'outbox' ? 'the outbox' : 'the inbox'}; ` +
      (status === null ? 'its order does not exist' : `its order is ${status}`),
  }));
}
