import type { Read, SqlValue } from '../platform/mysql/database.ts';
import { uuidBytes } from '../platform/uuid.ts';
import type { OrderFilters } from './admin-order-sql.ts';
import { readProductOrderIds } from './product-orders-sql.ts';

/** Orders that share an idempotency key are found up to this number, unless the customer is given too. */
const SHARED_KEY_MAX = 1000;

/** Ids from `from` and below `until`: they are in the order of the times at which orders arrived. */
export interface OrderIdRange {
  readonly from: Buffer | undefined;
  readonly until: Buffer | undefined;
  /** The list continues after this order, the last one that was read. */
  readonly after: Buffer | undefined;
}

export interface OrderIds {
  readonly ids: readonly Buffer[];
  /** The last order that was read, if more may follow. */
  readonly last: Buffer | undefined;
}

/** How ids are read, newest first, and the filters that the read has applied. */
export interface OrderIdSource {
  readonly applied: readonly (keyof OrderFilters)[];
  readonly readIds: (read: Read, range: OrderIdRange, limit: number) => Promise<OrderIds>;
}

/**
 * The source for these filters that leads to the fewest orders. Each reads one index that orders need anyway:
 * an index for operators alone would be written with every order.
 */
export function orderIdSource(filters: OrderFilters): OrderIdSource {
  const { orderId, userId, idempotencyKey, productId, status } = filters;
  if (orderId !== undefined) return bySql(['orderId'], 'orders', 'id', ['id = ?', uuidBytes(orderId)]);
  if (idempotencyKey !== undefined) {
    const user = userId === undefined ? '' : 'AND user_id = ?';
    const values = [idempotencyKey, ...(userId === undefined ? [] : [uuidBytes(userId)])];
    const sharing = `(SELECT id FROM orders FORCE INDEX (orders_key) WHERE idempotency_key = ? ${user}
       LIMIT ${SHARED_KEY_MAX}) sharing`;
    return bySql(['idempotencyKey', 'userId'], sharing, 'id', ['TRUE', ...values]);
  }
  if (userId !== undefined) {
    const condition = ['user_id = ?', uuidBytes(userId)] as const;
    return bySql(['userId'], 'orders FORCE INDEX (orders_user)', 'id', condition);
  }
  if (productId !== undefined) {
    const product = uuidBytes(productId);
    return {
      applied: ['productId'],
      readIds: (read, range, limit) => readProductOrderIds(read, product, range, limit),
    };
  }
  if (status === 'CANCELLED') {
    // A cancellation puts units back, and these entries alone name an order.
    const restocks = 'stock_entries FORCE INDEX (stock_entries_order)';
    return bySql(['status'], restocks, 'order_id', ['order_id IS NOT NULL']);
  }
  return bySql([], 'orders FORCE INDEX (PRIMARY)', 'id', ['TRUE']);
}

function bySql(
  applied: OrderIdSource['applied'],
  table: string,
  column: string,
  [condition, ...given]: readonly [condition: string, ...values: SqlValue[]],
): OrderIdSource {
  return {
    applied,
    async readIds(read, { from, until, after }, limit) {
      const below = lower(until, after);
      const rows = await read<{ id: Buffer }>(
        `SELECT DISTINCT ${column} AS id FROM ${table} WHERE ${condition}
         ${from === undefined ? '' : `AND ${column} >= ?`} ${below === undefined ? '' : `AND ${column} < ?`}
         ORDER BY ${column} DESC LIMIT ?`,
        [...given, ...[from, below].filter((bound) => bound !== undefined), limit],
      );
      const ids = rows.map(({ id }) => id);
      return { ids, last: ids.length === limit ? ids.at(-1) : undefined };
    },
  };
}

function lower(one: Buffer | undefined, other: Buffer | undefined): Buffer | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.compare(other) < 0 ? one : other;
}
