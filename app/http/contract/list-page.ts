import { encodeCursor } from './page-cursor.ts';
import { PAGE_LIMIT_DEFAULT } from './schemas.ts';

export interface ListPageOptions<Row> {
  /** Rows per page; PAGE_LIMIT_DEFAULT when undefined. */
  readonly limit: number | undefined;
  /** Reads up to `rowsMax` rows in the order of the list, from behind the cursor of the request on. */
  readonly read: (rowsMax: number) => Promise<readonly Row[]>;
  /** The value that the list is sorted by, unique per row. */
  readonly keyOf: (row: Row) => string | number;
}

/**
 * Reads one page of a keyset list. `nextCursor` names the last row of the page, and is null on the last page.
 * Reads one row more than the page shows, to see whether another page follows.
 */
export async function listPage<Row>({
  limit = PAGE_LIMIT_DEFAULT,
  read,
  keyOf,
}: ListPageOptions<Row>): Promise<{ page: Row[]; nextCursor: string | null }> {
  const rows = await read(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor([keyOf(last)]) : null };
}
