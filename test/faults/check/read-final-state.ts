import type { FinalState, StoredCoupon } from './final-state.ts';
import { type SnapshotRead, snapshotRows } from './snapshot-rows.ts';

/** Everything that the checker reads, from one snapshot. Call it once no request or job is in progress. */
export async function readFinalState(databaseUrl: string): Promise<FinalState> {
  return snapshotRows(databaseUrl, async (read) => ({
    orders: await read(
      `SELECT id AS orderId, user_id AS userId, idempotency_key AS \`key\`, status, subtotal AS subtotalKrw,
         discount AS discountKrw, total AS totalKrw, user_coupon_id AS userCouponId,
         balance_seq AS balanceSeq, balance_after AS balanceAfterKrw, created_at AS createdAtMs,
         cancelled_at AS cancelledAtMs
       FROM orders ORDER BY id`,
    ),
    orderItems: await read(
      `SELECT order_id AS orderId, line, product_id AS productId, product_name AS name,
         unit_price AS unitPriceKrw, quantity,
         stock_after AS stockAfter, stock_seq AS stockSeq
       FROM order_items ORDER BY order_id, line`,
    ),
    products: (
      await read<ProductRow>(
        `SELECT id AS productId, version, name, price AS priceKrw, status, purchase_limit AS purchaseLimit,
           sale_from AS saleFromMs, sale_until AS saleUntilMs
         FROM products ORDER BY id`,
      )
    ).map(storedProduct),
    stocks: await read(
      'SELECT product_id AS productId, quantity, version AS stockSeq FROM product_stock ORDER BY product_id',
    ),
    stockEntries: await read(
      `SELECT product_id AS productId, seq, kind, delta, quantity_after AS quantityAfter, reason,
         order_id AS orderId, idempotency_key AS \`key\`
       FROM stock_entries ORDER BY product_id, seq`,
    ),
    wallets: await read(
      'SELECT user_id AS userId, balance AS balanceKrw, version AS balanceSeq FROM wallets ORDER BY user_id',
    ),
    walletEntries: await read(
      `SELECT user_id AS userId, seq, kind, amount AS amountKrw, balance_after AS balanceAfterKrw,
         order_id AS orderId, idempotency_key AS \`key\`
       FROM wallet_entries ORDER BY user_id, seq`,
    ),
    coupons: (
      await read<CouponRow>(
        `SELECT id AS couponId, name, quantity, issued_count AS issuedCount, version, kind,
           COALESCE(amount, discount_max) AS amountKrw, percent, minimum_order AS minimumOrderKrw,
           valid_from AS validFromMs, valid_until AS validUntilMs, stopped_at AS stoppedAtMs
         FROM coupons ORDER BY id`,
      )
    ).map(storedCoupon),
    userCoupons: await read(
      `SELECT id AS userCouponId, coupon_id AS couponId, user_id AS userId, status, order_id AS orderId,
         issued_at AS issuedAtMs
       FROM user_coupons ORDER BY id`,
    ),
    outbox: (await read<{ id: string }>('SELECT event_id AS id FROM outbox')).map(({ id }) => id),
    inbox: (await read<{ id: string }>('SELECT event_id AS id FROM processed_events')).map(({ id }) => id),
    statistics: await read(
      `SELECT sales_hour AS hourMs, product_id AS productId, units, revenue AS revenueKrw
       FROM product_sales_hourly ORDER BY sales_hour, product_id`,
    ),
    deadlocks: await readDeadlocks(read),
    replies: (
      await read<{ userId: string; operation: string; key: string; reply: string }>(
        `SELECT user_id AS userId, operation, idempotency_key AS \`key\`, reply FROM idempotent_replies
         ORDER BY user_id, operation, idempotency_key`,
      )
    ).map(({ reply, ...rest }) => ({ ...rest, createdId: createdIdOf(reply) })),
  }));
}

type StoredProduct = FinalState['products'][number];
type ProductRow = Omit<StoredProduct, 'saleFrom' | 'saleUntil'> & {
  readonly saleFromMs: number | null;
  readonly saleUntilMs: number | null;
};

function storedProduct({ saleFromMs, saleUntilMs, ...row }: ProductRow): StoredProduct {
  return { ...row, saleFrom: isoTime(saleFromMs), saleUntil: isoTime(saleUntilMs) };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

type CouponRow = Omit<StoredCoupon, 'terms' | 'status'> &
  StoredCoupon['terms'] & { readonly stoppedAtMs: number | null };

function storedCoupon({ couponId, name, quantity, issuedCount, version, ...row }: CouponRow): StoredCoupon {
  const { stoppedAtMs, ...terms } = row;
  return {
    couponId,
    name,
    quantity,
    issuedCount,
    version,
    terms,
    status: stoppedAtMs === null ? 'ACTIVE' : 'STOPPED',
  };
}

/** Id in a stored reply; empty if the reply has none. */
function createdIdOf(reply: string): string {
  const { body } = JSON.parse(reply || '{}') as { readonly body?: { readonly id?: string } };
  return body?.id ?? '';
}

/**
 * MariaDB has a counter that every account may read; MySQL's needs a right that the app's account does not
 * have.
 */
async function readDeadlocks(read: SnapshotRead): Promise<number | null> {
  const [row] = await read<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
  return row === undefined ? null : Number(row.Value);
}
