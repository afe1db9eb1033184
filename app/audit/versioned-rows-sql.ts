import type { SqlValue, Transaction } from '../platform/mysql/database.ts';
import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** A table whose rows store one number and count its changes. */
export interface VersionedTable {
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

export interface VersionedRow {
  readonly id: string;
  readonly value: number;
  readonly version: number;
}

export interface RowChange {
  readonly before: VersionedRow;
  readonly after: VersionedRow;
}

/**
 * Locks and reads the rows with these ids, ascending by primary key. Ids without a row are absent from the
 * result. FORCE INDEX: otherwise MySQL scans small tables and waits for rows outside the list.
 */
export async function lockVersionedRows(
  tx: Transaction,
  { table, key, value }: VersionedTable,
  ids: readonly string[],
): Promise<VersionedRow[]> {
  const sorted = [...new Set(ids)].toSorted().map(uuidBytes);
  const rows = await Promise.all(
    chunksOf(sorted, IDS_MAX).map((chunk) =>
      tx.read<{ id: Buffer; value: number; version: number }>(
        `SELECT ${key} AS id, ${value} AS value, version FROM ${table} FORCE INDEX (PRIMARY)
         WHERE ${key} IN (?) ORDER BY ${key} FOR UPDATE`,
        [chunk],
      ),
    ),
  );
  return rows.flat().map((row) => ({ id: uuidText(row.id), value: row.value, version: row.version }));
}

/**
 * Sets locked rows to their new value and version, up to 500 per statement: CASE by id, as fast as a join
 * with a derived table and faster than one statement per row. Ids ascend, as everywhere. The condition
 * repeats the version read under the lock, so a write without the lock changes nothing and is detected:
 * throws if a row does not match.
 */
export async function updateVersionedRows(
  tx: Transaction,
  { table, key, value }: VersionedTable,
  changes: readonly RowChange[],
): Promise<void> {
  const sorted = changes.toSorted((a, b) => (a.after.id < b.after.id ? -1 : 1));
  const written = chunksOf(sorted, IDS_MAX).map(async (chunk) => {
    const rows = chunk.map(({ before, after }) => ({ id: uuidBytes(after.id), before, after }));
    const branches = rows.map(() => 'WHEN ? THEN ?').join(' ');
    const pairs = (of: (change: (typeof rows)[number]) => number): SqlValue[] =>
      rows.flatMap((change) => [change.id, of(change)]);
    await tx.writeRows(
      rows.length,
      `UPDATE ${table} FORCE INDEX (PRIMARY)
       SET ${value} = CASE ${key} ${branches} END, version = CASE ${key} ${branches} END
       WHERE ${key} IN (?) AND version = CASE ${key} ${branches} END`,
      [
        ...pairs(({ after }) => after.value),
        ...pairs(({ after }) => after.version),
        rows.map(({ id }) => id),
        ...pairs(({ before }) => before.version),
      ],
    );
  });
  await Promise.all(written);
}
