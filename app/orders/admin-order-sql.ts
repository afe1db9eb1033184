import type { Read, SqlValue } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
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

/** An order as operators see it. */
export interface AdminOrder extends Order {
  readonly idempotencyKey: string;
  readonly cancelledAt: Date | undefined;
}

export interface AdminOrderRow extends OrderRow {
  idempotency_key: string;
  cancelled_at: Date | null;
}

/** The orders among these that match the filters, in the same order. Looks each up by the primary keys. */
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
  const rows = await read<AdminOrderRow>(
    `SELECT ${ORDER_COLUMNS}, idempotency_key, cancelled_at FROM orders FORCE INDEX (PRIMARY)
     WHERE id IN (?) ${given.map((name) => `AND ${columns[name]}`).join(' ')}`,
    [[...ids], ...given.map((name) => valueOf(name, filters))],
  );
  const rowOf = new Map(rows.map((row) => [row.id.toString('hex'), row]));
  return ids.flatMap((id) => rowOf.get(id.toString('hex')) ?? []);
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

/** A line of an order, as a change of the product's stock. */
export interface Sale {
  readonly orderId: string;
  readonly quantity: number;
  readonly stockAfter: number;
  readonly stockSeq: number;
}

/** A product's sales with a seq before `beforeSeq`, newest first. Reads what it returns, by the index. */
export async function listSales(
  read: Read,
  productId: string,
  { beforeSeq, limit }: { readonly beforeSeq: number; readonly limit: number },
): Promise<Sale[]> {
  const rows = await read<{ order_id: Buffer; quantity: number; stock_after: number; stock_seq: number }>(
    `SELECT order_id, quantity, stock_after, stock_seq FROM order_items FORCE INDEX (order_items_stock_seq)
     WHERE product_id = ? AND stock_seq < ? ORDER BY stock_seq DESC LIMIT ?`,
    [uuidBytes(productId), beforeSeq, limit],
  );
  return rows.map((row) => ({
    orderId: uuidText(row.order_id),
    quantity: row.quantity,
    stockAfter: row.stock_after,
    stockSeq: row.stock_seq,
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
