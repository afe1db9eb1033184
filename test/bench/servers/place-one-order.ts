import type { Pool, PoolConnection } from 'mysql2';
import { orderCompletedEvent } from '../../../app/events/order-event.ts';
import type { OutboxEvent } from '../../../app/events/outbox-sql.ts';
import {
  type AcceptedOrder,
  evaluateOrders,
  type OrderRequest,
  type OrderSnapshot,
  pairKey,
  type Rejection,
} from '../../../app/orders/evaluate-orders.ts';
import { uuidBytes, uuidText } from '../../../app/platform/uuid.ts';

export type OneOrderOutcome =
  | {
      readonly code: 'placed';
      readonly order: PlacedOrder;
      readonly replayed: boolean;
      /** Undefined for a replay, whose event was already published. */
      readonly event: OutboxEvent | undefined;
    }
  | Rejection;

type PlacedOrder = Omit<AcceptedOrder, 'idempotencyKey' | 'requestHash' | 'userId'> & {
  readonly createdAt: Date;
};

const ATTEMPTS_MAX = 10;
const RETRY_DELAY_MAX_MS = 20;
/** Error numbers of deadlock and lock wait timeout. */
const RETRYABLE = new Set([1213, 1205]);
/** The app's default RELAY_GRACE_MS. */
const GRACE_MICROSECONDS = 5_000_000;

/**
 * Places one order in one transaction of separate statements, each by primary key or unique index: read the
 * product without a lock, lock the stock, lock the wallet, look up the key, deduct twice, insert order,
 * items, ledger entry and event, commit. Locks follow the shop's order: stock before wallets, rows ascending.
 */
export async function placeOneOrder(pool: Pool, request: OrderRequest): Promise<OneOrderOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await connectionOf(pool);
    try {
      await run(connection, 'START TRANSACTION');
      const outcome = await placeInTransaction(connection, request);
      await run(connection, 'COMMIT');
      connection.release();
      return outcome;
    } catch (error) {
      await run(connection, 'ROLLBACK').then(
        () => connection.release(),
        () => connection.destroy(),
      );
      if (attempt >= ATTEMPTS_MAX || !RETRYABLE.has((error as { errno?: number }).errno ?? 0)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * RETRY_DELAY_MAX_MS));
    }
  }
}

async function placeInTransaction(
  connection: PoolConnection,
  request: OrderRequest,
): Promise<OneOrderOutcome> {
  const snapshot = await lockAndRead(connection, request);
  const [result] = evaluateOrders(snapshot, [request]).results;
  if (result === undefined) throw new Error('an order has no result');
  if (result.code === 'replayed') {
    const order = await readOrder(connection, result.orderId);
    return { code: 'placed', order, replayed: true, event: undefined };
  }
  if (result.code === 'crashed') throw result.error;
  if (result.code !== 'accepted') return result;
  const order = { ...result.order, createdAt: new Date() };
  const event = await write(connection, order);
  return { code: 'placed', order, replayed: false, event };
}

async function lockAndRead(connection: PoolConnection, request: OrderRequest): Promise<OrderSnapshot> {
  const { userId, idempotencyKey } = request;
  const productIds = [...new Set(request.lines.map(({ productId }) => productId))].toSorted();
  const ids = productIds.map(uuidBytes);
  const products = await rowsOf<{
    id: Buffer;
    name: string;
    price: number;
    status: 'ACTIVE' | 'INACTIVE';
    purchase_limit: number | null;
  }>(connection, 'SELECT id, name, price, status, purchase_limit FROM products WHERE id IN (?)', [ids]);
  const stock = await rowsOf<{ product_id: Buffer; quantity: number; version: number }>(
    connection,
    `SELECT product_id, quantity, version FROM product_stock
     WHERE product_id IN (?) ORDER BY product_id FOR UPDATE`,
    [ids],
  );
  const wallets = await rowsOf<{ balance: number; version: number }>(
    connection,
    'SELECT balance, version FROM wallets WHERE user_id = ? FOR UPDATE',
    [uuidBytes(userId)],
  );
  const earlier = await rowsOf<{ id: Buffer; request_hash: Buffer }>(
    connection,
    'SELECT id, request_hash FROM orders WHERE user_id = ? AND idempotency_key = ?',
    [uuidBytes(userId), idempotencyKey],
  );
  const limited = products.filter((product) => product.purchase_limit !== null);
  const held = limited.length === 0 ? [] : await readUnitsHeld(connection, userId, limited);
  return {
    stock: new Map(stock.map((row) => [uuidText(row.product_id), row])),
    wallets: new Map(
      wallets.map(({ balance, version }) => [userId, { balanceKrw: balance, version }] as const),
    ),
    earlier: new Map(
      earlier.map((row) => [
        pairKey(userId, idempotencyKey),
        { orderId: uuidText(row.id), requestHash: row.request_hash },
      ]),
    ),
    products: new Map(
      products.map(({ id, name, price, status, purchase_limit: limit }) => [
        uuidText(id),
        { name, priceKrw: price, status, purchaseLimit: limit ?? undefined },
      ]),
    ),
    unitsHeld: new Map(held),
    userCoupons: new Map(),
    at: new Date(),
  };
}

async function readUnitsHeld(
  connection: PoolConnection,
  userId: string,
  products: readonly { id: Buffer }[],
): Promise<[string, number][]> {
  const rows = await rowsOf<{ product_id: Buffer; units: number }>(
    connection,
    `SELECT i.product_id, SUM(i.quantity) AS units FROM orders o JOIN order_items i ON i.order_id = o.id
     WHERE o.user_id = ? AND o.status = 'COMPLETED' AND i.product_id IN (?) GROUP BY i.product_id`,
    [uuidBytes(userId), products.map(({ id }) => id)],
  );
  return rows.map((row) => [pairKey(userId, uuidText(row.product_id)), row.units]);
}

async function write(
  connection: PoolConnection,
  order: AcceptedOrder & { createdAt: Date },
): Promise<OutboxEvent> {
  const [orderId, userId] = [uuidBytes(order.orderId), uuidBytes(order.userId)];
  for (const item of order.items.toSorted((a, b) => (a.productId < b.productId ? -1 : 1))) {
    await run(connection, 'UPDATE product_stock SET quantity = ?, version = ? WHERE product_id = ?', [
      item.stockAfter,
      item.stockSeq,
      uuidBytes(item.productId),
    ]);
  }
  await run(connection, 'UPDATE wallets SET balance = ?, version = ? WHERE user_id = ?', [
    order.balanceAfterKrw,
    order.balanceSeq,
    userId,
  ]);
  await run(
    connection,
    `INSERT INTO orders (id, user_id, status, subtotal, discount, total, balance_seq, balance_after,
       idempotency_key, request_hash, created_at) VALUES (?, ?, 'COMPLETED', ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      orderId,
      userId,
      order.subtotalKrw,
      order.discountKrw,
      order.totalKrw,
      order.balanceSeq,
      order.balanceAfterKrw,
      order.idempotencyKey,
      order.requestHash,
      order.createdAt,
    ],
  );
  await run(
    connection,
    `INSERT INTO order_items
       (order_id, line, product_id, product_name, unit_price, quantity, stock_after, stock_seq)
     VALUES ?`,
    [
      order.items.map((item, index) => [
        orderId,
        index + 1,
        uuidBytes(item.productId),
        item.productName,
        item.unitPriceKrw,
        item.quantity,
        item.stockAfter,
        item.stockSeq,
      ]),
    ],
  );
  await run(
    connection,
    `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, order_id, created_at)
     VALUES (?, ?, 'PAYMENT', ?, ?, ?, ?)`,
    [userId, order.balanceSeq, -order.totalKrw, order.balanceAfterKrw, orderId, order.createdAt],
  );
  const event = orderCompletedEvent(order);
  const row: OutboxEvent = { eventId: event.id, type: event.type, payload: JSON.stringify(event) };
  await run(
    connection,
    `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until)
     VALUES (?, ?, ?, NOW(3), NOW(3) + INTERVAL ? MICROSECOND)`,
    [uuidBytes(row.eventId), row.type, row.payload, GRACE_MICROSECONDS],
  );
  return row;
}

async function readOrder(connection: PoolConnection, orderId: string): Promise<PlacedOrder> {
  const [order] = await rowsOf<{
    subtotal: number;
    discount: number;
    total: number;
    balance_seq: number;
    balance_after: number;
    created_at: Date;
  }>(
    connection,
    'SELECT subtotal, discount, total, balance_seq, balance_after, created_at FROM orders WHERE id = ?',
    [uuidBytes(orderId)],
  );
  const items = await rowsOf<{
    product_id: Buffer;
    product_name: string;
    unit_price: number;
    quantity: number;
    stock_after: number;
    stock_seq: number;
  }>(
    connection,
    `SELECT product_id, product_name, unit_price, quantity, stock_after, stock_seq
     FROM order_items WHERE order_id = ? ORDER BY line`,
    [uuidBytes(orderId)],
  );
  if (order === undefined) throw new Error('an order found by its key could not be read');
  return {
    orderId,
    items: items.map((item) => ({
      productId: uuidText(item.product_id),
      productName: item.product_name,
      unitPriceKrw: item.unit_price,
      quantity: item.quantity,
      stockAfter: item.stock_after,
      stockSeq: item.stock_seq,
    })),
    subtotalKrw: order.subtotal,
    discountKrw: order.discount,
    totalKrw: order.total,
    userCouponId: undefined,
    balanceAfterKrw: order.balance_after,
    balanceSeq: order.balance_seq,
    createdAt: order.created_at,
  };
}

async function rowsOf<R>(connection: PoolConnection, sql: string, values: unknown[]): Promise<R[]> {
  return (await run(connection, sql, values)) as R[];
}

/** Uses callbacks: mysql2/promise captures a stack for every query, which costs 3 % of this server's time. */
function run(connection: PoolConnection, sql: string, values: unknown[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query(sql, values, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

function connectionOf(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
  });
}
