import type { Database, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { CartRemoval } from './cart-store.ts';

interface RemovalRow {
  order_id: Buffer;
  product_id: Buffer;
  quantity: number;
}

/** A user rarely has more than a few. Rows beyond this limit wait for the next call. */
const ROWS_MAX = 500;

/** Call it in the transaction of the orders. Runs no statement if there are no removals. */
export async function insertCartRemovals(tx: Transaction, removals: readonly CartRemoval[]): Promise<void> {
  if (removals.length === 0) return;
  await tx.write('INSERT INTO cart_removals (order_id, product_id, user_id, quantity) VALUES ?', [
    removals.flatMap(({ orderId, userId, lines }) =>
      lines.map(({ productId, quantity }) => [
        uuidBytes(orderId),
        uuidBytes(productId),
        uuidBytes(userId),
        quantity,
      ]),
    ),
  ]);
}

/** Lines that committed orders have yet to remove from the user's cart. Uses the index cart_removals_user. */
export async function listCartRemovals(database: Database, userId: string): Promise<CartRemoval[]> {
  const rows = await database.read<RemovalRow>(
    `SELECT order_id, product_id, quantity FROM cart_removals
     WHERE user_id = ? ORDER BY order_id LIMIT ${ROWS_MAX}`,
    [uuidBytes(userId)],
  );
  const orders = [...Map.groupBy(rows, (row) => uuidText(row.order_id))];
  // The last order may be incomplete, and a removal must contain all lines of its order.
  if (rows.length === ROWS_MAX) orders.pop();
  return orders.map(([orderId, ofOrder]) => ({
    orderId,
    userId,
    lines: ofOrder.map((row) => ({ productId: uuidText(row.product_id), quantity: row.quantity })),
  }));
}

/** Uses the primary key. */
export async function deleteCartRemoval(tx: Transaction, orderId: string): Promise<void> {
  await tx.write('DELETE FROM cart_removals WHERE order_id = ?', [uuidBytes(orderId)]);
}
