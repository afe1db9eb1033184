import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import type { BrokenRow } from './audit-report.ts';
import type { IdRange } from './id-ranges-sql.ts';

/** The id of an order's cancellation event in SQL: version 8 in the place of 7; see events/order-event.ts. */
export function cancelledEventId(orderId: string): string {
  return `UNHEX(CONCAT(LEFT(HEX(${orderId}), 12), '8', SUBSTRING(HEX(${orderId}), 14)))`;
}

/** And back; only for an id with version 8. */
function cancelledOrderId(eventId: string): string {
  return `UNHEX(CONCAT(LEFT(HEX(${eventId}), 12), '7', SUBSTRING(HEX(${eventId}), 14)))`;
}

/** Events of orders and of cancellations, by the primary key of the orders. */
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
 * Before when rows of the inbox may have been removed: an event that happened earlier and is not there counts as
 * counted, and whether it was is left to the statistics. Long ago where none has been removed yet.
 */
export async function readInboxHorizon(read: Read): Promise<Date> {
  const [row] = await read<{ purged_before: Date }>('SELECT purged_before FROM inbox_horizon WHERE id = 1');
  return row?.purged_before ?? new Date(0);
}

/**
 * Events since the horizon that are neither in the outbox nor in the inbox: under way, or lost. A late cancellation of an
 * old order is one of them. Look-ups by primary keys.
 */
export async function countEventsUnderWay(
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

/** Those of them that have been under way since `lateBefore` or longer. */
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

/** Events that no order has caused: without an order, or of a cancellation that did not happen. */
export async function readStrayEvents(
  read: Read,
  table: EventTable,
  { from, to }: IdRange,
): Promise<BrokenRow[]> {
  const rows = await read<{ event_id: Buffer; status: string | null }>(
    `SELECT v.event_id, o.status FROM (
       SELECT event_id, SUBSTRING(HEX(event_id), 13, 1) = '8' AS is_cancellation FROM ${table}
       WHERE event_id > ? AND event_id <= ?) v
     LEFT JOIN orders o ON o.id = CASE WHEN is_cancellation THEN ${cancelledOrderId('v.event_id')} ELSE v.event_id END
     WHERE o.id IS NULL OR (is_cancellation AND o.status <> 'CANCELLED')`,
    [from, to],
  );
  return rows.map(({ event_id: eventId, status }) => ({
    id: uuidText(eventId),
    detail: `in ${table === 'outbox' ? 'the outbox' : 'the inbox'}; ${status === null ? 'there is no such order' : `its order is ${status}`}`,
  }));
}
