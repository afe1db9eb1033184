import type { Transaction } from '../platform/mysql/database.ts';
import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { SEARCH_VERSION, searchName, searchTerms } from './search-words.ts';

/** What the list has to know of a product, besides its stock. */
export interface ListedProduct {
  readonly id: string;
  readonly name: string;
  readonly priceKrw: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly version: number;
}

export type ListedProductWithStock = ListedProduct & { readonly inStock: boolean };

/** Characters of a name that the list is sorted by. */
const SORT_NAME_MAX = 64;
/** Rows of a statement. */
const TERMS_MAX = 2000;

/** Lists products that were not there. Under the locks of the products and of their stock, like all of these. */
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

/** Lists products as they are now, whatever the list has said of them. */
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

/** Lists a product as it is after an edit. Its stock is not locked for that, and what the list says of it stays. */
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
 * Whether there is anything left of these products. Orders call it while they hold the stock rows, so that only an
 * edit, which waits for nothing after it, can stand in their way. By the primary key.
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
  // All of them: a name of before the list is the same and has none.
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

/** What the list is sorted by. */
export function sortName(name: string): string {
  return Array.from(name).slice(0, SORT_NAME_MAX).join('');
}
