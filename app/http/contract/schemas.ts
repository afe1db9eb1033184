/** Schemas that several features use. They validate requests and document them in OpenAPI. */
import { z } from 'zod';
import { decodeCursor } from './page-cursor.ts';

/** Largest amount in KRW that a single price may have; sums of orders stay far below 2^53. */
export const PRICE_MAX_KRW = 1_000_000_000;

/** A UUID in lower case, as in every response. */
export const idSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .meta({ format: 'uuid' });

/**
 * A UUID in a request, in either case (RFC 9562 section 4; Swift writes capitals). Converted to lower case,
 * so that cart lines and request hashes do not depend on the spelling.
 */
export const requestedIdSchema = z
  .string()
  .regex(/^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/, {
    error: 'must be a UUID',
  })
  .toLowerCase()
  .meta({ format: 'uuid' });

export const krwSchema = z.int().meta({ description: 'Whole KRW.' });

export const timeSchema = z.string().meta({ format: 'date-time', description: 'UTC, RFC 3339.' });

const DAY_OF_LONG_MONTH = String.raw`(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])`;
const DAY_OF_SHORT_MONTH = String.raw`(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])`;
const LEAP_DAY = '20(?:[2468][048]|[3579][26])-02-29';
const DAY = `20[2-9][0-9]-(?:${DAY_OF_LONG_MONTH}|${DAY_OF_SHORT_MONTH})|${LEAP_DAY}`;
const CLOCK = String.raw`(?:[01][0-9]|2[0-3]):[0-5][0-9]`;
const TIME = String.raw`T${CLOCK}:[0-5][0-9](?:\.[0-9]{1,9})?`;
/** UTC days that an offset can produce from 2020-01-01 and 2099-12-31. */
const DAYS_BEYOND = '2019-12-31|2100-01-01';
const MOMENT = new RegExp(`^(?:(?:${DAY})${TIME}(?:Z|[+-]${CLOCK})|(?:${DAYS_BEYOND})${TIME}Z)$`);

/**
 * A moment in a request: RFC 3339 with `Z` or an offset, an existing day, and a written year from 2020 to
 * 2099. Converted to a Date, so that the shop stores and returns UTC. Accepts every moment that a response
 * contains.
 */
export const momentSchema = z
  .string()
  .regex(MOMENT, { error: 'must be a time such as 2026-12-01T09:00:00+09:00, from 2020 to 2099' })
  .meta({ format: 'date-time' })
  .transform((text) => new Date(text));

/** For a refinement. A moment that is absent or could not be read is in order: it has an error of its own. */
export function areInOrder(from: unknown, until: unknown): boolean {
  return !(from instanceof Date && until instanceof Date) || from < until;
}

/** 1–255 printable ASCII characters. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must be 1 to 255 printable ASCII characters without spaces' });

/** A whole number in a query string: digits only, no signs, exponents or blanks. */
export function queryIntegerSchema(min: number, max: number) {
  return z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: 'integer', minimum: min, maximum: max } });
}

export const PAGE_LIMIT_DEFAULT = 20;
export const PAGE_LIMIT_MAX = 100;

/**
 * `?cursor&limit` of a list sorted by one value. The cursor is decoded to that value of the previous page's
 * last row.
 */
export function pageQueryShape<Key extends string | number>(key: z.ZodType<Key>) {
  const cursor = z
    .string()
    .min(1)
    .max(500)
    .regex(/^[A-Za-z0-9_-]+$/, { error: 'is not a cursor' })
    .transform((text, context): Key => {
      const [value] = decodeCursor(text, ['string']) ?? decodeCursor(text, ['number']) ?? [];
      const checked = key.safeParse(value);
      if (checked.success) return checked.data;
      context.addIssue({ code: 'custom', message: 'is not a cursor' });
      return z.NEVER;
    });
  return { cursor: cursor.optional(), limit: queryIntegerSchema(1, PAGE_LIMIT_MAX).optional() };
}

/** `{data, nextCursor}`; nextCursor is null on the last page. Titled like its items: `OrderPage`. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  const { title = 'Item' } = item.meta() ?? {};
  const page = z.object({ data: z.array(item), nextCursor: z.string().nullable() });
  return page.meta({ title: `${title}Page` });
}
