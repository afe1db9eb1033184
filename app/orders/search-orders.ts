import { findUserByEmail } from '../accounts/user-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import { firstUuidAt, uuidBytes, uuidText } from '../platform/uuid.ts';
import {
  type AdminOrder,
  type AdminOrderRow,
  adminOrdersOf,
  type OrderFilters,
  readMatchingOrders,
  readOrderIds,
  splitFilters,
} from './admin-order-sql.ts';

/** Orders looked up at a time, and at most per page, where no index covers all filters together. */
const WINDOW = 500;
const EXAMINED_MAX = 1000;

export interface SearchOrdersRequest extends Omit<OrderFilters, 'userId'> {
  readonly email?: string | undefined;
  /** Orders that arrived from this moment and before that one. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  /** Orders before the one with this id. */
  readonly beforeId: string | undefined;
  readonly limit: number;
}

export interface FoundOrders {
  readonly orders: readonly AdminOrder[];
  /** Start of the next page; undefined on the last one. */
  readonly nextBeforeId: string | undefined;
}

/**
 * Orders that match every filter, newest first. One index serves the most selective filter and the range of
 * times; other filters are checked order by order. A page therefore examines at most 1,000 orders: it may
 * have fewer orders than requested, or none, and still be followed by another page.
 */
export async function searchOrders(
  { database }: { readonly database: Database },
  { email, from, until, beforeId, limit, ...given }: SearchOrdersRequest,
): Promise<FoundOrders> {
  const { read } = database;
  const userId = email === undefined ? undefined : (await findUserByEmail(database, email))?.id;
  if (email !== undefined && userId === undefined) return { orders: [], nextBeforeId: undefined };
  const filters = { ...given, userId };
  const { driver, rest } = splitFilters(filters);
  const isCovered = Object.values(rest).every((value) => value === undefined);
  const windowSize = isCovered ? limit + 1 : WINDOW;
  const lowest = from === undefined ? undefined : firstUuidAt(from);
  let before = lower(
    until === undefined ? undefined : firstUuidAt(until),
    beforeId === undefined ? undefined : uuidBytes(beforeId),
  );
  const found: AdminOrderRow[] = [];
  let nextBeforeId: string | undefined;
  for (let examined = 0; examined < EXAMINED_MAX; examined += windowSize) {
    const ids = await readOrderIds(read, { driver, filters }, { from: lowest, before }, windowSize);
    found.push(...(await readMatchingOrders(read, ids, rest)));
    before = ids.at(-1);
    nextBeforeId = ids.length < windowSize || before === undefined ? undefined : uuidText(before);
    if (found.length > limit || nextBeforeId === undefined) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return {
    orders: await adminOrdersOf(read, page),
    nextBeforeId: hasMore ? uuidText(last.id) : nextBeforeId,
  };
}

function lower(one: Buffer | undefined, other: Buffer | undefined): Buffer | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.compare(other) < 0 ? one : other;
}
