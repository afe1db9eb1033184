import type { Database, SqlValue } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { termStart } from './search-words.ts';

export const listingSorts = ['newest', 'price_asc', 'price_desc', 'name'] as const;

export type ListingSort = (typeof listingSorts)[number];

/** Where a page ends: the value that the list is sorted by (none for `newest`), and the product. */
export interface ListingPosition {
  readonly key: string | number | undefined;
  readonly id: string;
}

export interface ListingQuery {
  readonly sort: ListingSort;
  /** Each is somewhere in a word of the name; see search-words.ts. */
  readonly words: readonly string[];
  /** Whole KRW, both included. */
  readonly price: { readonly min: number | undefined; readonly max: number | undefined };
  /** Leaves out what is sold out. */
  readonly inStock: boolean;
  readonly after: ListingPosition | undefined;
  readonly limit: number;
}

export interface ListingPage {
  /** At most `limit`, in order. */
  readonly ids: readonly string[];
  /** Undefined when nothing follows. */
  readonly next: ListingPosition | undefined;
}

export interface ListingLimits {
  /** As many products are looked at one by one, when a word or a price range leaves no more than these. */
  readonly candidatesMax: number;
  /** Otherwise a page looks at this many of the list, in its order, and ends there. */
  readonly walkMax: number;
}

/** Below 20 ms of the database for whatever is asked: docs/catalogue.md has the figures. */
export const listingLimits: ListingLimits = { candidatesMax: 1000, walkMax: 1500 };

/** Words that are looked up; the longest ones are the rarest. */
const WORDS_LOOKED_UP_MAX = 3;

type Reader = Pick<Database, 'readReplica'>;

interface SortOrder {
  readonly index: string;
  /** Undefined: by the id alone, which is in order of time. */
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
 * One page of the list. No statement looks at more than some thousand rows, however large the shop:
 *
 * - An index that holds exactly the products asked for, in their order, is read from the cursor on.
 * - Where no index does (a search; a price range in another order than by price) and a word or the range leaves at
 *   most `candidatesMax` products, those are taken and sorted.
 * - Else the list is walked in its order from the cursor on, until the page is full or `walkMax` products have been
 *   looked at. Then the page ends there, short or even empty, with a `next`.
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

/** In the order of the list; the last row looked at is read first, so that the page can end at it. */
async function walk(database: Reader, query: ListingQuery, { walkMax }: ListingLimits): Promise<ListingPage> {
  // The price is no condition for where the walk ends, unless the list is in its order.
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

/** Where to take the products from, when one of the words or the price range leaves few. By indexes alone. */
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
  // Whether there is one more than allowed: a look along the index, without a temporary table.
  const looks = sources.map(({ counted: { text, values } }, index) => ({
    text: `(SELECT 1 FROM ${text} LIMIT 1 OFFSET ${candidatesMax}) AS beyond${index}`,
    values,
  }));
  const [row = {}] = await database.readReplica<Record<string, number | null>>(
    `SELECT ${looks.map(({ text }) => text).join(', ')}`,
    looks.flatMap(({ values }) => values),
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
    `SELECT product_listing.product_id${column === undefined ? '' : `, ${column} AS sort_key`} FROM ${from.text}
     WHERE ${where.join(' AND ')}
     ORDER BY ${order.map((name) => `${name} ${direction}`).join(', ')} LIMIT ? OFFSET ?`,
    [...all.flatMap(({ values }) => values), limit, offset],
  );
}

/** The list by the index that is in the order of the query. Forced: the optimizer prefers to sort a large part of it. */
function indexOf({ sort, inStock }: ListingQuery): Sql {
  const index = `${orders[sort].index}${inStock ? '_in_stock' : ''}`;
  return { text: `product_listing FORCE INDEX (${index})`, values: [] };
}

/** What is on sale, from the cursor on, in stock and in the price range. */
function filtersOf(query: ListingQuery): Sql {
  const { inStock, price, after } = query;
  const parts: Sql[] = [{ text: 'listed = 1', values: [] }];
  if (inStock) parts.push({ text: 'in_stock = 1', values: [] });
  if (price.min !== undefined) parts.push({ text: 'price >= ?', values: [price.min] });
  if (price.max !== undefined) parts.push({ text: 'price <= ?', values: [price.max] });
  if (after !== undefined) parts.push(boundOf(query, after, 'after'));
  return {
    text: parts.map(({ text }) => text).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}

/** A word has letters and digits only, so that nothing in it means anything to LIKE. */
function wordsOf({ words }: ListingQuery): Sql | undefined {
  if (words.length === 0) return undefined;
  return {
    text: words.map(() => 'search_name LIKE ?').join(' AND '),
    values: words.map((word) => `%${word}%`),
  };
}

/** Rows behind a position, or up to and with it. Spelt out, because MySQL finds no range in `(a, b) > (?, ?)`. */
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
