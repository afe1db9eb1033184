import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

export interface OutboxEvent {
  readonly eventId: string;
  readonly type: string;
  /** The CloudEvent as JSON, at most 8 KB. */
  readonly payload: string;
}

/** An event that a relay has claimed. */
export interface ClaimedEvent extends OutboxEvent {
  /** Number of claims, including this one. */
  readonly attempts: number;
}

/**
 * Writes events in the transaction that causes them. For `graceMs` they belong to the process that wrote
 * them. Times are the database's, so that a process with a wrong clock neither steals nor blocks events of
 * others.
 */
export async function insertOutboxEvents(
  tx: Transaction,
  events: readonly OutboxEvent[],
  graceMs: number,
): Promise<void> {
  if (events.length === 0) return;
  const row = `(?, ?, ?, NOW(3), NOW(3) + INTERVAL ? MICROSECOND)`;
  await tx.write(
    `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until)
     VALUES ${events.map(() => row).join(', ')}`,
    events.flatMap(({ eventId, type, payload }) => [uuidBytes(eventId), type, payload, graceMs * 1000]),
  );
}

/**
 * Claims up to `limit` events whose claim has expired, for `leaseMs`. Uses the index outbox_claimed_until.
 * Rows that another relay is claiming are skipped, so relays never wait for each other. Send the events after
 * the commit: no lock may be held while waiting for SQS. FORCE INDEX: otherwise the server sorts a small
 * table and so locks all of it.
 */
export async function claimOutboxEvents(
  tx: Transaction,
  { limit, leaseMs }: { limit: number; leaseMs: number },
): Promise<ClaimedEvent[]> {
  const rows = await tx.read<{ event_id: Buffer; type: string; payload: string; attempts: number }>(
    `SELECT event_id, type, payload, attempts FROM outbox FORCE INDEX (outbox_claimed_until)
     WHERE claimed_until <= NOW(3) ORDER BY claimed_until LIMIT ? FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  if (rows.length === 0) return [];
  await tx.write(
    `UPDATE outbox SET claimed_until = NOW(3) + INTERVAL ? MICROSECOND, attempts = attempts + 1
     WHERE event_id IN (?)`,
    [leaseMs * 1000, rows.map((row) => row.event_id)],
  );
  return rows.map(({ event_id, type, payload, attempts }) => ({
    eventId: uuidText(event_id),
    type,
    payload,
    attempts: attempts + 1,
  }));
}

export interface WaitingEvent {
  readonly eventId: string;
  readonly createdAt: Date;
  /** Number of claims by a relay; the first attempt, by the process that wrote the event, does not count. */
  readonly attempts: number;
}

/** The events among these that wait in the outbox, keyed by event id. Uses the primary key. */
export async function findWaitingEvents(
  read: Read,
  eventIds: readonly string[],
): Promise<Map<string, WaitingEvent>> {
  if (eventIds.length === 0) return new Map();
  const rows = await read<{ event_id: Buffer; created_at: Date; attempts: number }>(
    'SELECT event_id, created_at, attempts FROM outbox WHERE event_id IN (?)',
    [eventIds.map(uuidBytes)],
  );
  return new Map(
    rows.map((row) => {
      const eventId = uuidText(row.event_id);
      return [eventId, { eventId, createdAt: row.created_at, attempts: row.attempts }];
    }),
  );
}

export interface OutboxRow extends WaitingEvent {
  readonly type: string;
  /** A relay tries again from then on. */
  readonly claimedUntil: Date;
}

/** Waiting events after `afterId`, in the order of their orders' times. Reads the primary key. */
export async function listOutbox(
  read: Read,
  { afterId, limit }: { readonly afterId: string | undefined; readonly limit: number },
): Promise<OutboxRow[]> {
  const [where, values] = afterId === undefined ? ['', []] : ['WHERE event_id > ?', [uuidBytes(afterId)]];
  const rows = await read<{
    event_id: Buffer;
    type: string;
    created_at: Date;
    claimed_until: Date;
    attempts: number;
  }>(
    `SELECT event_id, type, created_at, claimed_until, attempts FROM outbox FORCE INDEX (PRIMARY)
     ${where} ORDER BY event_id LIMIT ?`,
    [...values, limit],
  );
  return rows.map((row) => ({
    eventId: uuidText(row.event_id),
    type: row.type,
    createdAt: row.created_at,
    claimedUntil: row.claimed_until,
    attempts: row.attempts,
  }));
}

/** Limits on rows read for the metrics: a larger backlog is no worse. */
const BACKLOG_COUNTED_MAX = 100_000;
const BACKLOG_OLDEST_OF = 100;

/**
 * The number of waiting events, up to 100,000 (uses outbox_claimed_until, the narrowest index), and the age
 * of the oldest. Ids are in order of the orders' times, so the oldest is searched among the first hundred of
 * the primary key. If all of these were cancellations of old orders, the result could be slightly younger
 * than the true age.
 */
export async function readOutboxBacklog(
  database: Database,
): Promise<{ events: number; oldestAgeMs: number | null }> {
  const [row] = await database.read<{ events: number; oldest_age_us: number | null }>(
    `SELECT
       (SELECT COUNT(*) FROM (SELECT 1 FROM outbox LIMIT ${BACKLOG_COUNTED_MAX}) counted) AS events,
       (SELECT TIMESTAMPDIFF(MICROSECOND, MIN(created_at), NOW(3))
        FROM (SELECT created_at FROM outbox ORDER BY event_id LIMIT ${BACKLOG_OLDEST_OF}) first)
         AS oldest_age_us`,
  );
  const ageUs = row?.oldest_age_us ?? null;
  return { events: row?.events ?? 0, oldestAgeMs: ageUs === null ? null : Math.max(0, ageUs / 1000) };
}

/** Deletes events that the queue has acknowledged. Uses the primary key. */
export async function deleteOutboxEvents(tx: Transaction, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.write('DELETE FROM outbox WHERE event_id IN (?)', [eventIds.toSorted().map(uuidBytes)]);
}

/** Releases claimed events, which can be claimed again after `delayMs`. Uses the primary key. */
export async function releaseOutboxEvents(
  tx: Transaction,
  eventIds: readonly string[],
  delayMs: number,
): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.write('UPDATE outbox SET claimed_until = NOW(3) + INTERVAL ? MICROSECOND WHERE event_id IN (?)', [
    delayMs * 1000,
    eventIds.toSorted().map(uuidBytes),
  ]);
}
