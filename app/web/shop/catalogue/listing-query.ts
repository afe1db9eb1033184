/** What a visitor asked the catalogue for, as the address says it. */
export interface ListingQuery {
  readonly q: string;
  readonly sort: Sort;
  readonly minPrice: number | undefined;
  readonly maxPrice: number | undefined;
  readonly inStock: boolean;
}

export const sorts = ['newest', 'price_asc', 'price_desc', 'name'] as const;
export type Sort = (typeof sorts)[number];

/** Longest query that the API takes. */
const QUERY_MAX = 100;

/** Price ranges in KRW, both ends included. */
export const priceRanges: readonly { readonly min: number | undefined; readonly max: number | undefined }[] =
  [
    { min: undefined, max: 20_000 },
    { min: 20_000, max: 50_000 },
    { min: 50_000, max: 150_000 },
    { min: 150_000, max: undefined },
  ];

export function readListingQuery(search: Readonly<Record<string, string | undefined>>): ListingQuery {
  return {
    q: (search['q'] ?? '').trim().slice(0, QUERY_MAX),
    sort: sorts.find((name) => name === search['sort']) ?? 'newest',
    minPrice: priceOf(search['min']),
    maxPrice: priceOf(search['max']),
    inStock: search['stock'] === 'yes',
  };
}

/** The address's query: only what differs from the usual list. */
export function listingSearch({ q, sort, minPrice, maxPrice, inStock }: ListingQuery): string {
  const search = new URLSearchParams();
  if (q !== '') search.set('q', q);
  if (sort !== 'newest') search.set('sort', sort);
  if (minPrice !== undefined) search.set('min', String(minPrice));
  if (maxPrice !== undefined) search.set('max', String(maxPrice));
  if (inStock) search.set('stock', 'yes');
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** The same for the API, which refuses parameters without a value. */
export function apiQuery({ q, sort, minPrice, maxPrice, inStock }: ListingQuery) {
  return {
    sort,
    ...(q === '' ? {} : { q }),
    ...(minPrice === undefined ? {} : { minPrice }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
    ...(inStock ? { inStock } : {}),
  };
}

function priceOf(text: string | undefined): number | undefined {
  const price = Number(text);
  return text !== undefined && text !== '' && Number.isSafeInteger(price) && price >= 0 ? price : undefined;
}
