import type { Sample } from '../history/history-line.ts';
import { snapshotRows } from './snapshot-rows.ts';

/**
 * A sample of what must add up at any moment, from one snapshot. Throws when the database does not answer.
 */
export async function readSample(databaseUrl: string): Promise<Sample> {
  return snapshotRows(databaseUrl, async (read) => ({
    products: await read(
      `SELECT s.product_id AS productId, s.quantity, s.version AS stockSeq, p.version,
         COALESCE(e.entered, 0) AS entered, COALESCE(i.sold, 0) AS sold,
         COALESCE(e.changes, 0) + COALESCE(i.changes, 0) AS changes
       FROM product_stock s JOIN products p ON p.id = s.product_id
       LEFT JOIN (SELECT product_id, SUM(delta) AS entered, COUNT(*) AS changes
         FROM stock_entries GROUP BY product_id) e ON e.product_id = s.product_id
       LEFT JOIN (SELECT product_id, SUM(quantity) AS sold, COUNT(*) AS changes
         FROM order_items GROUP BY product_id) i ON i.product_id = s.product_id`,
    ),
    wallets: await read(
      `SELECT w.user_id AS userId, w.balance AS balanceKrw, w.version AS balanceSeq,
         COALESCE(e.entered, 0) AS enteredKrw, COALESCE(e.changes, 0) AS changes
       FROM wallets w
       LEFT JOIN (SELECT user_id, SUM(amount) AS entered, COUNT(*) AS changes
         FROM wallet_entries GROUP BY user_id) e ON e.user_id = w.user_id`,
    ),
    coupons: await read(
      `SELECT c.id AS couponId, c.quantity, c.issued_count AS issuedCount, c.version,
         (SELECT COUNT(*) FROM user_coupons u WHERE u.coupon_id = c.id) AS issued,
         (SELECT COUNT(*) FROM user_coupons u WHERE u.coupon_id = c.id AND u.status = 'USED') AS used,
         (SELECT COUNT(*) FROM orders o JOIN user_coupons u ON u.id = o.user_coupon_id
          WHERE u.coupon_id = c.id AND o.status = 'COMPLETED') AS inOrders
       FROM coupons c`,
    ),
  }));
}
