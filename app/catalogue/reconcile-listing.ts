import type { Database } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import { replaceListing, sortName } from './listing-sql.ts';
import { lockProducts } from './product-sql.ts';
import { SEARCH_VERSION, searchName } from './search-words.ts';
import { lockStock } from './stock-sql.ts';

export interface ReconcileListingDependencies extends LeaderDependencies {
  readonly database: Database;
}

/** Products compared in a statement, 5 ms of it. */
const COMPARED = 1000;
/** Products mended in a transaction; they stay locked that long. */
const MENDED = 50;
const LOCK_TTL_MS = 30_000;

/**
 * Compares the list with the products and their stock, again and again, until `signal` aborts, and lists anew what is
 * not as it should be: products of a release that knew no list, of rows written by hand, or whose words a new release
 * makes otherwise. One process in the fleet does it at a time; two at once would do no harm.
 */
export function reconcileListing(
  dependencies: ReconcileListingDependencies,
  signal: AbortSignal,
): Promise<void> {
  const mend = async (turn: AbortSignal) => {
    const mended = await mendListing(dependencies, turn);
    if (mended > 0) dependencies.log.info('listing_mended', { products: mended });
  };
  return runAsLeader(dependencies, { name: 'product-listing', ttlMs: LOCK_TTL_MS }, mend, signal);
}

/** One look at every product, by the primary keys; returns how many were listed anew. */
export async function mendListing(
  { database }: Pick<ReconcileListingDependencies, 'database'>,
  signal: AbortSignal,
): Promise<number> {
  let mended = 0;
  for (let from: Buffer = Buffer.alloc(16); !signal.aborted; ) {
    const [end] = await database.read<{ id: Buffer }>(
      `SELECT id FROM products FORCE INDEX (PRIMARY) WHERE id > ? ORDER BY id LIMIT 1 OFFSET ${COMPARED - 1}`,
      [from],
    );
    const to = end?.id ?? Buffer.alloc(16, 0xff);
    const wrong = await readWronglyListed(database, from, to);
    for (let at = 0; at < wrong.length && !signal.aborted; at += MENDED) {
      const ids = wrong.slice(at, at + MENDED);
      await listAnew(database, ids);
      mended += ids.length;
    }
    if (end === undefined) break;
    from = end.id;
  }
  return mended;
}

/** Names are compared here, because only the app knows what a name is searched by: 3 µs each. */
async function readWronglyListed(database: Database, from: Buffer, to: Buffer): Promise<string[]> {
  const rows = await database.read<{
    id: Buffer;
    name: string;
    is_listed: number | null;
    sort_name: string;
    search_name: string;
  }>(
    `SELECT p.id, p.name, l.name AS sort_name, l.search_name,
       l.search_version = ? AND l.product_version = p.version AND l.price = p.price
       AND l.listed = (p.status = 'ACTIVE') AND l.in_stock = (s.quantity > 0) AS is_listed
     FROM products p JOIN product_stock s ON s.product_id = p.id
     LEFT JOIN product_listing l ON l.product_id = p.id
     WHERE p.id > ? AND p.id <= ? ORDER BY p.id`,
    [SEARCH_VERSION, from, to],
  );
  return rows
    .filter(
      (row) =>
        row.is_listed !== 1 ||
        row.sort_name !== sortName(row.name) ||
        row.search_name !== searchName(row.name),
    )
    .map(({ id }) => uuidText(id));
}

/** Under the locks of what the list is made from: what was read without them may have changed since. */
async function listAnew(database: Database, ids: readonly string[]): Promise<void> {
  await database.withTransaction({ name: 'mend_listing', rerunnable: true }, async (tx) => {
    const products = await lockProducts(tx, ids);
    const stocks = await lockStock(tx, ids);
    await replaceListing(
      tx,
      products.map((product) => ({ ...product, inStock: (stocks.get(product.id)?.quantity ?? 0) > 0 })),
    );
  });
}
