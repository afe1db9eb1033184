import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** Marks events as counted. Throws the driver's duplicate-key error if one of them was counted before. */
export async function insertProcessedEvents(
  tx: Transaction,
  eventIds: readonly string[],
  processedAt: Date,
): Promise<void> {
  await tx.write('INSERT INTO processed_events (event_id, processed_at) VALUES ?', [
    eventIds.toSorted().map((id) => [uuidBytes(id), processedAt]),
  ]);
}

/**
 * The time before which inbox rows may have been purged; undefined if none has been. Locks it in share mode:
 * until the transaction ends, others may read it but not move it.
 */
export async function readInboxHorizon(tx: Transaction): Promise<Date | undefined> {
  const [row] = await tx.read<{ purged_before: Date }>(
    'SELECT purged_before FROM inbox_horizon WHERE id = 1 LOCK IN SHARE MODE',
  );
  return row?.purged_before;
}

/**
 * When each of these events was counted, keyed by event id, and the time before which rows may have been
 * purged. The rows are read first: whatever was purged meanwhile is before the horizon. Uses the primary key.
 */
export async function findCountedEvents(
  read: Read,
  eventIds: readonly string[],
): Promise<{ countedAt: Map<string, Date>; purgedBefore: Date | undefined }> {
  const rows = await read<{ event_id: Buffer; processed_at: Date }>(
    'SELECT event_id, processed_at FROM processed_events WHERE event_id IN (?)',
    [eventIds.map(uuidBytes)],
  );
  const [horizon] = await read<{ purged_before: Date }>(
    'SELECT purged_before FROM inbox_horizon WHERE id = 1',
  );
  return {
    countedAt: new Map(rows.map((row) => [uuidText(row.event_id), row.processed_at])),
    purgedBefore: horizon?.purged_before,
  };
}

/** Moves the horizon forward, never back. Waits for transactions that have read it. */
export async function moveInboxHorizon(tx: Transaction, to: Date): Promise<void> {
  await tx.write(
    `INSERT INTO inbox_horizon (id, purged_before) VALUES (1, ?)
     ON DUPLICATE KEY UPDATE purged_before = GREATEST(purged_before, VALUES(purged_before))`,
    [to],
  );
}

/** The time `agoMs` ago by the database's clock: a process with a wrong clock must not purge too much. */
export async function readTimeAgo(database: Database, agoMs: number): Promise<Date> {
  const [row] = await database.read<{ at: Date }>('SELECT NOW(3) - INTERVAL ? MICROSECOND AS at', [
    agoMs * 1000,
  ]);
  if (row === undefined) throw new Error('the database has no clock');
  return row.at;
}

/**
 * The id `rows` rows after `from` and below `to`; undefined if there are fewer rows. Uses the primary key.
 */
export async function findInboxIdBehind(
  database: Database,
  { from, to, rows }: { from: Buffer; to: Buffer; rows: number },
): Promise<Buffer | undefined> {
  const [row] = await database.read<{ event_id: Buffer }>(
    `SELECT event_id FROM processed_events FORCE INDEX (PRIMARY) WHERE event_id > ? AND event_id < ?
     ORDER BY event_id LIMIT 1 OFFSET ?`,
    [from, to, rows - 1],
  );
  return row?.event_id;
}

/** Deletes rows counted before `before`, with ids after `from` up to and including `to`; returns how many. */
export async function deleteProcessedEvents(
  tx: Transaction,
  { from, to, before }: { from: Buffer; to: Buffer; before: Date },
): Promise<number> {
  const { affectedRows } = await tx.write(
    'DELETE FROM processed_events WHERE event_id > ? AND event_id <= ? AND processed_at < ?',
    [from, to, before],
  );
  return affectedRows;
}
