import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { type EarlierOrder, pairKey } from './evaluate-orders.ts';
import type { Order, OrderItem } from './order.ts';

export interface OrderRow {
  id: Buffer;
  user_id: Buffer;
  status: Order['status'];
  subtotal: number;
  discount: number;
  total: number;
  user_coupon_id: Buffer | null;
  balance_seq: number;
  balance_after: number;
  created_at: Date;
}

interface OrderItemRow {
  order_id: Buffer;
  product_id: Buffer;
  product_name: string;
  unit_price: number;
  quantity: number;
  stock_after: number;
  stock_seq: number;
}

/** Columns of an OrderRow. */
export const ORDER_COLUMNS =
  'id, user_id, status, subtotal, discount, total, user_coupon_id, balance_seq, balance_after, created_at';

/**
 * Orders that exist under these idempotency keys, keyed by `pairKey(userId, idempotencyKey)`. Uses
 * orders_key. Call it under the wallets' locks, which every order of these users must acquire: then
 * no order can appear between lookup and insert. The row constructor takes 0.7 ms for 128 keys among 200k
 * orders; `key IN … AND user_id IN …` takes 5–8 ms.
 */
export async function findEarlierOrders(
  tx: Pick<Transaction, 'read'>,
  keys: readonly { userId: string; idempotencyKey: string }[],
): Promise<Map<string, EarlierOrder>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.read<{ id: Buffer; user_id: Buffer; idempotency_key: string; request_hash: Buffer }>(
    `SELECT id, user_id, idempotency_key, request_hash FROM orders
     WHERE (idempotency_key, user_id) IN (${keys.map(() => '(?, ?)').join(', ')})`,
    keys.flatMap(({ userId, idempotencyKey }) => [idempotencyKey, uuidBytes(userId)]),
  );
  return new Map(
    rows.map((row) => [
      pairKey(uuidText(row.user_id), row.idempotency_key),
      { orderId: uuidText(row.id), requestHash: row.request_hash },
    ]),
  );
}

/**
 * Units of products in users' orders that are not cancelled, keyed by `pairKey(userId, productId)`. Uses
 * orders_user and the primary key of order_items. Reads as many rows as the users have orders: query limited
 * products only.
 */
export async function readUnitsHeld(
  read: Read,
  pairs: readonly { userId: string; productId: string }[],
): Promise<Map<string, number>> {
  if (pairs.length === 0) return new Map();
  const userIds = [...new Set(pairs.map(({ userId }) => userId))];
  const productIds = [...new Set(pairs.map(({ productId }) => productId))];
  const rows = await read<{ user_id: Buffer; product_id: Buffer; units: number }>(
    `SELECT o.user_id, i.product_id, SUM(i.quantity) AS units
     FROM orders o JOIN order_items i ON i.order_id = o.id
     WHERE o.user_id IN (?) AND o.status = 'COMPLETED' AND i.product_id IN (?)
     GROUP BY o.user_id, i.product_id`,
    [userIds.map(uuidBytes), productIds.map(uuidBytes)],
  );
  return new Map(rows.map((row) => [pairKey(uuidText(row.user_id), uuidText(row.product_id)), row.units]));
}

export async function insertOrders(
  tx: Transaction,
  orders: readonly (Order & { readonly idempotencyKey: string; readonly requestHash: Buffer })[],
): Promise<void> {
  if (orders.length === 0) return;
  const placed = tx.write(
    `INSERT INTO orders (id, user_id, status, subtotal, discount, total, user_coupon_id, balance_seq,
       balance_after, idempotency_key, request_hash, created_at) VALUES ?`,
    [
      orders.map((order) => [
        uuidBytes(order.orderId),
        uuidBytes(order.userId),
        order.status,
        order.subtotalKrw,
        order.discountKrw,
        order.totalKrw,
        order.userCouponId === undefined ? null : uuidBytes(order.userCouponId),
        order.balanceSeq,
        order.balanceAfterKrw,
        order.idempotencyKey,
        order.requestHash,
        order.createdAt,
      ]),
    ],
  );
  const items = tx.write(
    `INSERT INTO order_items (order_id, line, product_id, product_name, unit_price, quantity, stock_after,
       stock_seq) VALUES ?`,
    [
      orders.flatMap((order) =>
        order.items.map((item, index) => [
          uuidBytes(order.orderId),
          index + 1,
          uuidBytes(item.productId),
          item.productName,
          item.unitPriceKrw,
          item.quantity,
          item.stockAfter,
          item.stockSeq,
        ]),
      ),
    ],
  );
  await Promise.all([placed, items]);
}

/** One order with its items. Uses the primary keys. */
export async function findOrder(read: Read, orderId: string): Promise<Order | undefined> {
  const rows = await read<OrderRow>(`SELECT ${ORDER_COLUMNS} FROM orders WHERE id = ?`, [uuidBytes(orderId)]);
  return (await withItems(read, rows))[0];
}

/** Locks an order until the end of the transaction and returns its status. Uses the primary key. */
export async function lockOrder(
  tx: Transaction,
  orderId: string,
): Promise<Pick<Order, 'status'> | undefined> {
  const [row] = await tx.read<Pick<OrderRow, 'status'>>('SELECT status FROM orders WHERE id = ? FOR UPDATE', [
    uuidBytes(orderId),
  ]);
  return row && { status: row.status };
}

/** Call it with the order locked. Throws if the order is not COMPLETED. */
export async function markCancelled(tx: Transaction, orderId: string, cancelledAt: Date): Promise<void> {
  const { affectedRows } = await tx.write(
    "UPDATE orders SET status = 'CANCELLED', cancelled_at = ? WHERE id = ? AND status = 'COMPLETED'",
    [cancelledAt, uuidBytes(orderId)],
  );
  if (affectedRows !== 1) throw new Error('a locked order was changed by another transaction');
}

/** The user's order under this idempotency key. Uses orders_key. */
export async function findOrderByKey(
  database: Database,
  userId: string,
  idempotencyKey: string,
): Promise<Order | undefined> {
  const rows = await database.read<OrderRow>(
    `SELECT ${ORDER_COLUMNS} FROM orders WHERE user_id = ? AND idempotency_key = ?`,
    [uuidBytes(userId), idempotencyKey],
  );
  return (await withItems(database.read, rows))[0];
}

/**
 * The user's orders placed before `beforeId`, newest first. Reads orders_user backwards. The index is forced,
 * so that no server ever reads the orders of others by the primary key.
 */
export async function listOrdersOfUser(
  database: Database,
  { userId, beforeId, limit }: { userId: string; beforeId: string | undefined; limit: number },
): Promise<Order[]> {
  const before = beforeId === undefined ? '' : 'AND id < ?';
  const values = [uuidBytes(userId), ...(beforeId === undefined ? [] : [uuidBytes(beforeId)]), limit];
  const rows = await database.read<OrderRow>(
    `SELECT ${ORDER_COLUMNS} FROM orders FORCE INDEX (orders_user)
     WHERE user_id = ? ${before} ORDER BY id DESC LIMIT ?`,
    values,
  );
  return withItems(database.read, rows);
}

/** These orders with their items, in the same order. Uses the primary key of order_items. */
export async function withItems(read: Read, rows: readonly OrderRow[]): Promise<Order[]> {
  if (rows.length === 0) return [];
  const itemRows = await read<OrderItemRow>(
    `SELECT order_id, product_id, product_name, unit_price, quantity, stock_after, stock_seq
     FROM order_items WHERE order_id IN (?) ORDER BY order_id, line`,
    [rows.map((row) => row.id)],
  );
  const itemsByOrder = Map.groupBy(itemRows, (row) => uuidText(row.order_id));
  return rows.map((row) => orderOf(row, itemsByOrder.get(uuidText(row.id)) ?? []));
}

function orderOf(row: OrderRow, items: readonly OrderItemRow[]): Order {
  return {
    orderId: uuidText(row.id),
    userId: uuidText(row.user_id),
    status: row.status,
    items: items.map(itemOf),
    subtotalKrw: row.subtotal,
    discountKrw: row.discount,
    totalKrw: row.total,
    userCouponId: row.user_coupon_id === null ? undefined : uuidText(row.user_coupon_id),
    balanceAfterKrw: row.balance_after,
    balanceSeq: row.balance_seq,
    createdAt: row.created_at,
  };
}

function itemOf(row: OrderItemRow): OrderItem {
  return {
    productId: uuidText(row.product_id),
    productName: row.product_name,
    unitPriceKrw: row.unit_price,
    quantity: row.quantity,
    stockAfter: row.stock_after,
    stockSeq: row.stock_seq,
  };
}
