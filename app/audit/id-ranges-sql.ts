import type { Read } from '../platform/mysql/database.ts';

/** Ids after `from`, up to and including `to`. */
export interface IdRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

export const everyId: IdRange = { from: Buffer.alloc(16), to: Buffer.alloc(16, 0xff) };

/** Rows per range. Statements sort and join this many rows in 20–80 ms each. */
const ROWS_MAX = 10_000;

/** Splits a table's rows between two ids into ranges of at most ROWS_MAX rows. Reads the primary key. */
export async function* idRanges(
  read: Read,
  { table, key }: { table: string; key: string },
  within: IdRange,
): AsyncGenerator<IdRange> {
  if (within.to.compare(within.from) <= 0) return;
  for (let from: Buffer | undefined = within.from; from !== undefined; ) {
    const [cut]: { id: Buffer }[] = await read<{ id: Buffer }>(
      `SELECT ${key} AS id FROM ${table} FORCE INDEX (PRIMARY) WHERE ${key} > ? AND ${key} <= ?
       ORDER BY ${key} LIMIT 1 OFFSET ${ROWS_MAX}`,
      [from, within.to],
    );
    yield { from, to: cut?.id ?? within.to };
    from = cut?.id;
  }
}

/** Counts the rows of a range. Uses the primary key. */
export async function countRows(
  read: Read,
  { table, key }: { table: string; key: string },
  { from, to }: IdRange,
): Promise<number> {
  const [row] = await read<{ rows_counted: number }>(
    `SELECT COUNT(*) AS rows_counted FROM ${table} WHERE ${key} > ? AND ${key} <= ?`,
    [from, to],
  );
  return row?.rows_counted ?? 0;
}
