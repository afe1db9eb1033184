import type { ListingQuery, ListingSort } from '../../../app/catalogue/find-listed-sql.ts';
import { listingSorts } from '../../../app/catalogue/find-listed-sql.ts';
import { queryWords } from '../../../app/catalogue/search-words.ts';

export interface ListingRequest {
  readonly title: string;
  readonly query: Omit<ListingQuery, 'after' | 'limit'>;
}

const searches: Readonly<Record<string, string | undefined>> = {
  '': undefined,
  'q in every tenth name': '텀블러',
  'q in ten names': '한정판',
  'q in old names only': 'antique',
  'q of one letter': 'a',
  'q of five words': 'matte oak teapot ea te',
  'q in no name': 'zzz',
};

const ranges: Readonly<Record<string, ListingQuery['price']>> = {
  '': { min: undefined, max: undefined },
  'few prices': { min: 100_000, max: 101_000 },
  'one price': { min: 9900, max: 9900 },
  'most prices': { min: 5000, max: 600_000 },
  'prices of the old': { min: 5_000_000, max: undefined },
};

/**
 * Every combination of sort and filters, with words and prices that are rare, common, or poorly correlated.
 */
export function listingRequests(): ListingRequest[] {
  return listingSorts.flatMap((sort: ListingSort) =>
    Object.entries(searches).flatMap(([search, q]) =>
      Object.entries(ranges).flatMap(([range, price]) =>
        [false, true].map((inStock) => ({
          title: [sort, search, range, inStock ? 'in stock' : ''].filter((part) => part !== '').join(', '),
          query: { sort, words: q === undefined ? [] : queryWords(q), price, inStock },
        })),
      ),
    ),
  );
}
