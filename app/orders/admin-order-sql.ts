import type { Read, SqlValue } from '../platform/mysql/database.ts';
import { uuidBytes } from '../platform/uuid.ts';
import type { Order } from './order.ts';
import { ORDER_COLUMNS, type OrderRow, withItems } from './order-sql.ts';

/** What operators search orders by. Each order must match all of it. */
export interface OrderFilters {
  readonly orderId?: string | undefined;
  readonly userId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly productId?: string | undefined;
  readonly status?: Order['status'] | undefined;
}

/** Ids from `from` and below `before`; ids are in the order of the times at which orders arrived. */
export interface OrderIdRange {
  readonly from: Buffer | undefined;
  readonly before: Buffer | undefined;
}

/** An order as operators see it. */
export interface AdminOrder extends Order {
  readonly idempotencyKey: string;
  readonly cancelledAt: Date | undefined;
}

export interface AdminOrderRow extends OrderRow {
  idempotency_key: string;
  cancelled_at: Date | null;
}

interface Driver {
  readonly filter: keyof OrderFilters;
  readonly table: 'orders' | 'order_items';
  /** Starts with the filter's column and continues with the order's id. */
  readonly index: string;
  readonly column: string;
  readonly id: string;
}

/** Ordered by how few orders match the filter: the first one given decides which index is read. */
const drivers: readonly Driver[] = [
  { filter: 'orderId', table: 'orders', index: 'PRIMARY', column: 'id', id: 'id' },
  { filter: 'idempotencyKey', table: 'orders', index: 'orders_key', column: 'idempotency_key', id: 'id' },
  { filter: 'userId', table: 'orders', index: 'orders_user', column: 'user_id', id: 'id' },
  {
    filter: 'productId',
    table: 'order_items',
    index: 'order_items_product',
    column: 'product_id',
    id: 'order_id',
  },
  { filter: 'status', table: 'orders', index: 'orders_status', column: 'status', id: 'id' },
];

/** The filter that the index serves, and those that are left to be checked order by order. */
export function splitFilters(filters: OrderFilters): { driver: Driver | undefined; rest: OrderFilters } {
  const driver = drivers.find(({ filter }) => filters[filter] !== undefined);
  if (driver === undefined) return { driver, rest: {} };
  return { driver, rest: { ...filters, [driver.filter]: undefined } };
}

/** Ids of orders in the range that match the driver's filter, newest first. Reads only its index. */
export async function readOrderIds(
  read: Read,
  { driver, filters }: { readonly driver: Driver | undefined; readonly filters: OrderFilters },
  { from, before }: OrderIdRange,
  limit: number,
): Promise<Buffer[]> {
  const { table, index, column, id } = driver ?? { table: 'orders', index: 'PRIMARY', column: '', id: 'id' };
  const conditions: [sql: string, value: SqlValue][] = [];
  if (driver !== undefined) conditions.push([`${column} = ?`, valueOf(driver.filter, filters)]);
  if (from !== undefined) conditions.push([`${id} >= ?`, from]);
  if (before !== undefined) conditions.push([`${id} < ?`, before]);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`;
  const rows = await read<{ id: Buffer }>(
    `SELECT ${id} AS id FROM ${table} FORCE INDEX (${index}) ${where} ORDER BY ${id} DESC LIMIT ?`,
    [...conditions.map(([, value]) => value), limit],
  );
  return rows.map((row) => row.id);
}

/** Those of these orders that match the filters, newest first. Looks each up by the primary keys. */
export async function readMatchingOrders(
  read: Read,
  ids: readonly Buffer[],
  filters: OrderFilters,
): Promise<AdminOrderRow[]> {
  if (ids.length === 0) return [];
  const columns: Partial<Record<keyof OrderFilters, string>> = {
    orderId: 'id = ?',
    userId: 'user_id = ?',
    idempotencyKey: 'idempotency_key = ?',
    status: 'status = ?',
    productId: 'EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = orders.id AND i.product_id = ?)',
  };
  const given = (Object.keys(columns) as (keyof OrderFilters)[]).filter(
    (name) => filters[name] !== undefined,
  );
  return read<AdminOrderRow>(
    `SELECT ${ORDER_COLUMNS}, idempotency_key, cancelled_at FROM orders FORCE INDEX (PRIMARY)
     WHERE id IN (?) ${given.map((name) => `AND ${columns[name]}`).join(' ')} ORDER BY id DESC`,
    [[...ids], ...given.map((name) => valueOf(name, filters))],
  );
}

/** These rows with their items. */
export async function adminOrdersOf(read: Read, rows: readonly AdminOrderRow[]): Promise<AdminOrder[]> {
  const orders = await withItems(read, rows);
  return orders.map((order, index) => ({
    ...order,
    idempotencyKey: rows[index]?.idempotency_key ?? '',
    cancelledAt: rows[index]?.cancelled_at ?? undefined,
  }));
}

/** One order. Uses the primary keys. */
export async function findAdminOrder(read: Read, orderId: string): Promise<AdminOrder | undefined> {
  const rows = await readMatchingOrders(read, [uuidBytes(orderId)], {});
  return (await adminOrdersOf(read, rows))[0];
}

function valueOf(name: keyof OrderFilters, filters: OrderFilters): SqlValue {
  const value = filters[name] ?? '';
  return name === 'idempotencyKey' || name === 'status' ? value : uuidBytes(value);
}
