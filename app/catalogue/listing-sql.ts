import type { Database, Transaction } from '../platform/mysql/database.ts';
import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { SEARCH_VERSION, searchName, searchTerms } from './search-words.ts';

/** The part of a product that the listing needs, besides its stock. */
export interface ListedProduct {
  readonly id: string;
  readonly name: string;
  readonly priceKrw: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly version: number;
}

export type ListedProductWithStock = ListedProduct & { readonly inStock: boolean };

/** Characters of a name that determine its place in the listing. */
const SORT_NAME_MAX = 64;
/** Rows per INSERT. */
const TERMS_MAX = 2000;

/** Lists new products. Call this and `replaceListing` under the locks of the products and their stock. */
export async function insertListing(
  tx: Transaction,
  products: readonly ListedProductWithStock[],
): Promise<void> {
  await writeListing(tx, products);
  await insertTerms(
    tx,
    products.map(({ id, name }) => ({ id, terms: searchTerms(searchName(name)) })),
  );
}

/** Rewrites the listing of products, whatever it contains. */
export async function replaceListing(
  tx: Transaction,
  products: readonly ListedProductWithStock[],
): Promise<void> {
  const rows = await tx.read<{ product_id: Buffer; search_name: string }>(
    `SELECT product_id, search_name FROM product_listing FORCE INDEX (PRIMARY) WHERE product_id IN (?)
     ORDER BY product_id FOR UPDATE`,
    [products.map(({ id }) => uuidBytes(id)).toSorted(Buffer.compare)],
  );
  const before = new Map(rows.map((row) => [uuidText(row.product_id), row.search_name]));
  await writeListing(tx, products);
  for (const { id, name } of products) await replaceTerms(tx, id, before.get(id) ?? '', searchName(name));
}

/** Updates the listing after an edit. The stock is not locked for that, so `in_stock` stays as it is. */
export async function updateListing(
  tx: Transaction,
  before: ListedProduct,
  after: ListedProduct,
): Promise<void> {
  const searched = searchName(after.name);
  await tx.write(
    `UPDATE product_listing SET listed = ?, price = ?, name = ?, search_name = ?, product_version = ?,
       search_version = ? WHERE product_id = ?`,
    [
      after.status === 'ACTIVE',
      after.priceKrw,
      sortName(after.name),
      searched,
      after.version,
      SEARCH_VERSION,
      uuidBytes(after.id),
    ],
  );
  if (before.name !== after.name) await replaceTerms(tx, after.id, searchName(before.name), searched);
}

/**
 * Sets whether these products are in stock. Orders call it while they hold the stock rows. Only an edit can
 * block them here, and an edit waits for nothing after this lock. Uses the primary key.
 */
export async function setInStock(
  tx: Transaction,
  productIds: readonly string[],
  inStock: boolean,
): Promise<void> {
  if (productIds.length === 0) return;
  await tx.write('UPDATE product_listing FORCE INDEX (PRIMARY) SET in_stock = ? WHERE product_id IN (?)', [
    inStock,
    productIds.toSorted().map(uuidBytes),
  ]);
}

async function writeListing(tx: Transaction, products: readonly ListedProductWithStock[]): Promise<void> {
  const sorted = products.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const chunk of chunksOf(sorted, IDS_MAX)) {
    await tx.write(
      `INSERT INTO product_listing
         (product_id, listed, in_stock, price, name, search_name, product_version, search_version) VALUES ?
       ON DUPLICATE KEY UPDATE listed = VALUES(listed), in_stock = VALUES(in_stock), price = VALUES(price),
         name = VALUES(name), search_name = VALUES(search_name), product_version = VALUES(product_version),
         search_version = VALUES(search_version)`,
      [
        chunk.map(({ id, name, priceKrw, status, version, inStock }) => [
          uuidBytes(id),
          status === 'ACTIVE',
          inStock,
          priceKrw,
          sortName(name),
          searchName(name),
          version,
          SEARCH_VERSION,
        ]),
      ],
    );
  }
}

async function replaceTerms(tx: Transaction, id: string, before: string, after: string): Promise<void> {
  const terms = searchTerms(after);
  const kept = new Set(terms);
  const gone = searchTerms(before).filter((term) => !kept.has(term));
  for (const chunk of chunksOf(gone, IDS_MAX)) {
    await tx.write('DELETE FROM product_terms WHERE term IN (?) AND product_id = ?', [chunk, uuidBytes(id)]);
  }
  // Insert all terms: an unchanged name from before the listing existed has none.
  await insertTerms(tx, [{ id, terms }]);
}

async function insertTerms(
  tx: Transaction,
  products: readonly { readonly id: string; readonly terms: readonly string[] }[],
): Promise<void> {
  const rows = products.flatMap(({ id, terms }) =>
    terms.map((term): [string, Buffer] => [term, uuidBytes(id)]),
  );
  rows.sort(([a, idA], [b, idB]) => (a < b ? -1 : a > b ? 1 : Buffer.compare(idA, idB)));
  for (const chunk of chunksOf(rows, TERMS_MAX)) {
    await tx.write('INSERT IGNORE INTO product_terms (term, product_id) VALUES ?', [chunk]);
  }
}

/** The part of a name that the listing is sorted by. */
function sortName(name: string): string {
  return Array.from(name).slice(0, SORT_NAME_MAX).join('');
}

interface ComparedRow {
  id: Buffer;
  name: string;
  is_listed: number | null;
  sort_name: string;
  search_name: string;
}

/**
 * Compares up to `count` products after `afterId` with the listing. Returns those that are listed wrongly and
 * the last id compared, undefined at the end. Uses the primary keys. Names are compared here, 3 µs each,
 * because only the app knows how a name is searched.
 */
export async function findWronglyListed(
  database: Database,
  { afterId, count }: { readonly afterId: string | undefined; readonly count: number },
): Promise<{ readonly ids: string[]; readonly lastId: string | undefined }> {
  const after = afterId === undefined ? Buffer.alloc(16) : uuidBytes(afterId);
  const [end] = await database.read<{ id: Buffer }>(
    'SELECT id FROM products FORCE INDEX (PRIMARY) WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?',
    [after, count - 1],
  );
  const rows = await database.read<ComparedRow>(
    `SELECT p.id, p.name, l.name AS sort_name, l.search_name,
       l.search_version = ? AND l.product_version = p.version AND l.price = p.price
       AND l.listed = (p.status = 'ACTIVE') AND l.in_stock = (s.quantity > 0) AS is_listed
     FROM products p JOIN product_stock s ON s.product_id = p.id
     LEFT JOIN product_listing l ON l.product_id = p.id
     WHERE p.id > ? AND p.id <= ? ORDER BY p.id`,
    [SEARCH_VERSION, after, end?.id ?? Buffer.alloc(16, 0xff)],
  );
  const ids = rows.filter((row) => !isListed(row)).map(({ id }) => uuidText(id));
  return { ids, lastId: end && uuidText(end.id) };
}

function isListed(row: ComparedRow): boolean {
  const { name, is_listed: isCurrent, sort_name: sorted, search_name: searched } = row;
  return isCurrent === 1 && sorted === sortName(name) && searched === searchName(name);
}
