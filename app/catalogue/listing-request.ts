import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../http/contract/page-cursor.ts';
import type { FieldError } from '../http/contract/problem.ts';
import {
  idSchema,
  PAGE_LIMIT_DEFAULT,
  PAGE_LIMIT_MAX,
  PRICE_MAX_KRW,
  queryIntegerSchema,
} from '../http/contract/schemas.ts';
import { isVisible, plainTextSchema } from '../http/contract/text-schema.ts';
import {
  type ListingPosition,
  type ListingQuery,
  type ListingSort,
  listingSorts,
} from './find-listed-sql.ts';
import { queryWords } from './search-words.ts';

/** Characters of a query. Percent-encoded with four bytes each, they still fit into a 16 KB request head. */
const TEXT_MAX = 1000;
/** Enough for a name of 64 four-byte characters in base64. */
const CURSOR_MAX = 600;

const cursorSchema = z
  .string()
  .min(1)
  .max(CURSOR_MAX)
  .regex(/^[A-Za-z0-9_-]+$/, { error: 'is not a cursor' })
  .transform((text, context) => {
    for (const sort of listingSorts) {
      const position = positionOf(text, sort);
      if (position !== undefined) return { sort, position };
    }
    context.addIssue({ code: 'custom', message: 'is not a cursor' });
    return z.NEVER;
  });

export const wordsSchema = plainTextSchema(0, TEXT_MAX)
  .meta({
    description:
      'Words that the name must contain. Words after the tenth and text after 200 characters are ' +
      'ignored, as are case, accents, character width and spaces inside compounds.',
  })
  .transform((text) => ({ isBlank: !isVisible(text), words: queryWords(text) }));

const priceSchema = queryIntegerSchema(0, PRICE_MAX_KRW).optional();

export const listingQuerySchema = z.object({
  q: wordsSchema.optional(),
  sort: z.enum(listingSorts).optional(),
  minPrice: priceSchema,
  maxPrice: priceSchema,
  inStock: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .meta({ override: { type: 'boolean' } })
    .optional(),
  cursor: cursorSchema.optional(),
  limit: queryIntegerSchema(1, PAGE_LIMIT_MAX).optional(),
});

export type ParsedListing =
  | { readonly code: 'valid'; readonly query: ListingQuery }
  | { readonly code: 'invalid'; readonly errors: FieldError[] }
  /** No product can match: answer with an empty list. */
  | { readonly code: 'no_matches' };

/** Combines fields that the schema has validated one by one. */
export function parseListing({
  q,
  sort = 'newest',
  minPrice,
  maxPrice,
  inStock = false,
  cursor,
  limit = PAGE_LIMIT_DEFAULT,
}: z.infer<typeof listingQuerySchema>): ParsedListing {
  if (cursor !== undefined && cursor.sort !== sort) {
    const detail = `belongs to sort=${cursor.sort}`;
    return { code: 'invalid', errors: [{ pointer: 'query/cursor', detail }] };
  }
  if (minPrice !== undefined && maxPrice !== undefined && minPrice > maxPrice) return { code: 'no_matches' };
  // Punctuation only. A blank search box is no search.
  if (q !== undefined && !q.isBlank && q.words.length === 0) return { code: 'no_matches' };
  const query: ListingQuery = {
    sort,
    words: q?.words ?? [],
    price: { min: minPrice, max: maxPrice },
    inStock,
    after: cursor?.position,
    limit,
  };
  return { code: 'valid', query };
}

/** The cursor names its sort, so that a position in one order is not used in another. */
export function listingCursor(sort: ListingSort, { key, id }: ListingPosition): string {
  return encodeCursor(key === undefined ? [sort, id] : [sort, key, id]);
}

const keySchemas: Readonly<Record<ListingSort, z.ZodType<string | number> | undefined>> = {
  newest: undefined,
  price_asc: z.int().min(0).max(PRICE_MAX_KRW),
  price_desc: z.int().min(0).max(PRICE_MAX_KRW),
  name: plainTextSchema(0, 200),
};

function positionOf(cursor: string, sort: ListingSort): ListingPosition | undefined {
  const keySchema = keySchemas[sort];
  const keyType = sort === 'name' ? ['string' as const] : ['number' as const];
  const values = decodeCursor(cursor, ['string', ...(keySchema === undefined ? [] : keyType), 'string']);
  if (values === undefined || values[0] !== sort) return undefined;
  const id = idSchema.safeParse(values.at(-1));
  if (!id.success) return undefined;
  if (keySchema === undefined) return { key: undefined, id: id.data };
  const key = keySchema.safeParse(values[1]);
  return key.success ? { key: key.data, id: id.data } : undefined;
}
