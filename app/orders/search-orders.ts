import { findUserByEmail } from '../accounts/user-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import { firstUuidAt, uuidBytes, uuidText } from '../platform/uuid.ts';
import {
  type AdminOrder,
  type AdminOrderRow,
  adminOrdersOf,
  type OrderFilters,
  readMatchingOrders,
} from './admin-order-sql.ts';
import { orderIdSource } from './order-ids-sql.ts';

/** Orders looked up at a time after the first page's worth, and at most per page. */
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
 * Orders that match every filter, newest first; those of a product in the order of its sales. One index
 * serves the most selective filter and the range of times; other filters are checked order by order. A page
 * therefore examines at most 1,000 orders: it may have fewer orders than requested, or none, and still be
 * followed by another page.
 */
export async function searchOrders(
  { database }: { readonly database: Database },
  { email, from, until, beforeId, limit, ...given }: SearchOrdersRequest,
): Promise<FoundOrders> {
  const { read } = database;
  const userId = email === undefined ? undefined : (await findUserByEmail(database, email))?.id;
  if (email !== undefined && userId === undefined) return { orders: [], nextBeforeId: undefined };
  const filters = { ...given, userId };
  const { applied, readIds } = orderIdSource(filters);
  const rest = { ...filters, ...Object.fromEntries(applied.map((name) => [name, undefined])) };
  const range = { from: from && firstUuidAt(from), until: until && firstUuidAt(until) };
  let after = beforeId === undefined ? undefined : uuidBytes(beforeId);
  const found: AdminOrderRow[] = [];
  for (let examined = 0; examined < EXAMINED_MAX; ) {
    const size = examined === 0 ? limit + 1 : Math.min(WINDOW, EXAMINED_MAX - examined);
    const { ids, last } = await readIds(read, { ...range, after }, size);
    found.push(...(await readMatchingOrders(read, ids, rest)));
    examined += size;
    after = last;
    if (found.length > limit || last === undefined) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return {
    orders: await adminOrdersOf(read, page),
    nextBeforeId: hasMore ? uuidText(last.id) : after && uuidText(after),
  };
}
