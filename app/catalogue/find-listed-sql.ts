import type { Database, SqlValue } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { termStart } from './search-words.ts';

export const listingSorts = ['newest', 'price_asc', 'price_desc', 'name'] as const;

export type ListingSort = (typeof listingSorts)[number];

/** End of a page: the last product and its sort value (undefined for `newest`). */
export interface ListingPosition {
  readonly key: string | number | undefined;
  readonly id: string;
}

export interface ListingQuery {
  readonly sort: ListingSort;
  /** Every word must occur in the name; see search-words.ts. */
  readonly words: readonly string[];
  /** Whole KRW, both inclusive. */
  readonly price: { readonly min: number | undefined; readonly max: number | undefined };
  /** Excludes products that are sold out. */
  readonly inStock: boolean;
  /** Includes products off sale. Only for `newest`, and neither with a price range nor with `inStock`. */
  readonly isForAdmins?: true;
  readonly after: ListingPosition | undefined;
  readonly limit: number;
}

export interface ListingPage {
  /** At most `limit`, in order. */
  readonly ids: readonly string[];
  /** Undefined on the last page. */
  readonly next: ListingPosition | undefined;
}

export interface ListingLimits {
  /** If a word or the price range matches at most this many products, all of them are read and sorted. */
  readonly candidatesMax: number;
  /** Otherwise a page scans at most this many products in list order and ends there. */
  readonly walkMax: number;
}

/** Keeps every query below 20 ms of database time; docs/catalogue.md has the figures. */
export const listingLimits: ListingLimits = { candidatesMax: 1000, walkMax: 1500 };

/** Words per query that are looked up in product_terms: the longest ones, which are the rarest. */
const WORDS_LOOKED_UP_MAX = 3;

type Reader = Pick<Database, 'readReplica'>;

interface SortOrder {
  readonly index: string;
  /** Undefined: sorted by id alone, which is in order of creation. */
  readonly column: string | undefined;
  readonly direction: 'ASC' | 'DESC';
}

const orders: Readonly<Record<ListingSort, SortOrder>> = {
  newest: { index: 'listing_newest', column: undefined, direction: 'DESC' },
  price_asc: { index: 'listing_price', column: 'price', direction: 'ASC' },
  price_desc: { index: 'listing_price', column: 'price', direction: 'DESC' },
  name: { index: 'listing_name', column: 'name', direction: 'ASC' },
};

interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/**
 * Returns one page of the listing. No statement reads more than some thousand rows, however large the shop:
 *
 * - If an index holds exactly the matching products in the requested order, it is read from the cursor on.
 * - Searches, and price ranges not sorted by price, have no such index. If a word or the range matches at
 * most `candidatesMax` products, those are read and sorted.
 * - Otherwise the listing is scanned in its order from the cursor on, until the page is full or `walkMax`
 * products have been read. The page then ends there, short or even empty, with a `next`.
 */
export async function findListed(
  database: Reader,
  query: ListingQuery,
  limits: ListingLimits = listingLimits,
): Promise<ListingPage> {
  const ranged = query.price.min !== undefined || query.price.max !== undefined;
  const isByPrice = orders[query.sort].column === 'price';
  if (query.words.length === 0 && (isByPrice || !ranged)) {
    return pageFrom(await readRows(database, query, indexOf(query), [filtersOf(query)]), query);
  }
  const source = await findFewCandidates(database, query, ranged && !isByPrice, limits);
  if (source === undefined) return walk(database, query, limits);
  const rows = await readRows(database, query, source, [filtersOf(query), wordsOf(query)]);
  return pageFrom(rows, query);
}

/** Scans in list order. Reads the last row of the scan first, so that the page can end at it. */
async function walk(database: Reader, query: ListingQuery, { walkMax }: ListingLimits): Promise<ListingPage> {
  // The price range does not affect where the scan ends, unless the list is sorted by price.
  const walked = orders[query.sort].column === 'price' ? query : { ...query, price: noPrice };
  const [end] = await readRows(database, walked, indexOf(query), [filtersOf(walked)], {
    limit: 1,
    offset: walkMax - 1,
  });
  const until = end === undefined ? [] : [boundOf(query, positionOf(end), 'until')];
  const rows = await readRows(database, query, indexOf(query), [filtersOf(query), wordsOf(query), ...until]);
  const page = pageFrom(rows, query);
  if (page.next !== undefined || end === undefined) return page;
  return { ids: page.ids, next: positionOf(end) };
}

const noPrice = { min: undefined, max: undefined };

/** The most selective source if a word or the price range matches few products. Reads indexes only. */
async function findFewCandidates(
  database: Reader,
  query: ListingQuery,
  byPrice: boolean,
  { candidatesMax }: ListingLimits,
): Promise<Sql | undefined> {
  const longest = query.words.toSorted((a, b) => b.length - a.length).slice(0, WORDS_LOOKED_UP_MAX);
  const sources = [
    ...longest.map((word) => {
      const values = [`${termStart(word)}%`];
      return {
        counted: { text: 'product_terms WHERE term LIKE ?', values },
        from: {
          text: `(SELECT DISTINCT product_id FROM product_terms WHERE term LIKE ?) found
            STRAIGHT_JOIN product_listing ON product_listing.product_id = found.product_id`,
          values,
        },
      };
    }),
    ...(byPrice ? [priceSource(query)] : []),
  ];
  // Checks for one row more than allowed: an index scan without a temporary table.
  const probes = sources.map(({ counted: { text, values } }, index) => ({
    text: `(SELECT 1 FROM ${text} LIMIT 1 OFFSET ${candidatesMax}) AS beyond${index}`,
    values,
  }));
  const [row = {}] = await database.readReplica<Record<string, number | null>>(
    `SELECT ${probes.map(({ text }) => text).join(', ')}`,
    probes.flatMap(({ values }) => values),
  );
  return sources.find((_, index) => row[`beyond${index}`] === null)?.from;
}

function priceSource(query: ListingQuery): { counted: Sql; from: Sql } {
  const from = indexOf({ ...query, sort: 'price_asc' });
  const filters = filtersOf({ ...query, after: undefined });
  return {
    from,
    counted: { text: `${from.text} WHERE ${filters.text}`, values: [...from.values, ...filters.values] },
  };
}

interface Row {
  readonly product_id: Buffer;
  readonly sort_key?: string | number;
}

async function readRows(
  database: Reader,
  { sort, limit: pageLimit }: ListingQuery,
  from: Sql,
  conditions: readonly (Sql | undefined)[],
  { limit, offset }: { limit: number; offset: number } = { limit: pageLimit + 1, offset: 0 },
): Promise<Row[]> {
  const { column, direction } = orders[sort];
  const all = [from, ...conditions].filter((part) => part !== undefined);
  const where = all.slice(1).map(({ text }) => text);
  const order = [column, 'product_listing.product_id'].filter((name) => name !== undefined);
  return database.readReplica<Row>(
    `SELECT product_listing.product_id${column === undefined ? '' : `, ${column} AS sort_key`}
     FROM ${from.text} WHERE ${where.join(' AND ')}
     ORDER BY ${order.map((name) => `${name} ${direction}`).join(', ')} LIMIT ? OFFSET ?`,
    [...all.flatMap(({ values }) => values), limit, offset],
  );
}

/** The listing by the index in query order. Forced: the optimizer prefers to sort a large part of it. */
function indexOf({ sort, inStock, isForAdmins }: ListingQuery): Sql {
  if (isForAdmins) return { text: 'product_listing FORCE INDEX (PRIMARY)', values: [] };
  const index = `${orders[sort].index}${inStock ? '_in_stock' : ''}`;
  return { text: `product_listing FORCE INDEX (${index})`, values: [] };
}

/** Products on sale, from the cursor on, in stock if requested and in the price range. */
function filtersOf(query: ListingQuery): Sql {
  const { inStock, price, after, isForAdmins } = query;
  const parts: Sql[] = [{ text: isForAdmins ? 'TRUE' : 'listed = 1', values: [] }];
  if (inStock) parts.push({ text: 'in_stock = 1', values: [] });
  if (price.min !== undefined) parts.push({ text: 'price >= ?', values: [price.min] });
  if (price.max !== undefined) parts.push({ text: 'price <= ?', values: [price.max] });
  if (after !== undefined) parts.push(boundOf(query, after, 'after'));
  return {
    text: parts.map(({ text }) => text).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}

/** Words consist of letters and digits only, so they contain no LIKE wildcards. */
function wordsOf({ words }: ListingQuery): Sql | undefined {
  if (words.length === 0) return undefined;
  return {
    text: words.map(() => 'search_name LIKE ?').join(' AND '),
    values: words.map((word) => `%${word}%`),
  };
}

/**
 * Rows after a position, or up to and including it. The comparison is spelled out because MySQL finds no
 * range in `(a, b) > (?, ?)`.
 */
function boundOf({ sort }: ListingQuery, { key, id }: ListingPosition, side: 'after' | 'until'): Sql {
  const { column, direction } = orders[sort];
  const beyond = (direction === 'ASC') === (side === 'after') ? '>' : '<';
  const orAt = side === 'until' ? '=' : '';
  const idBound = `product_listing.product_id ${beyond}${orAt} ?`;
  if (column === undefined) return { text: idBound, values: [uuidBytes(id)] };
  return {
    text: `(${column} ${beyond} ? OR (${column} = ? AND ${idBound}))`,
    values: [key as string | number, key as string | number, uuidBytes(id)],
  };
}

function pageFrom(rows: readonly Row[], { limit }: ListingQuery): ListingPage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    ids: page.map(({ product_id: id }) => uuidText(id)),
    next: rows.length > limit && last !== undefined ? positionOf(last) : undefined,
  };
}

function positionOf(row: Row): ListingPosition {
  return { key: row.sort_key, id: uuidText(row.product_id) };
}
