import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import type { BrokenRow } from './audit-report.ts';
import type { IdRange } from './id-ranges-sql.ts';

/**
 * Coupons whose issued count differs from the number of user coupons, or that are issued beyond their
 * quantity; and user coupons whose coupon does not exist. Counts index entries per coupon.
 */
export async function readMiscountedCoupons(read: Read, { from, to }: IdRange): Promise<BrokenRow[]> {
  const rows = await read<{
    id: Buffer;
    quantity: number | null;
    issued_count: number | null;
    issued: number;
  }>(
    `SELECT c.id, c.quantity, c.issued_count, COALESCE(held.issued, 0) AS issued FROM coupons c
     LEFT JOIN (SELECT coupon_id, COUNT(*) AS issued FROM user_coupons
       WHERE coupon_id > ? AND coupon_id <= ? GROUP BY coupon_id) held ON held.coupon_id = c.id
     WHERE c.id > ? AND c.id <= ?
       AND (c.issued_count <> COALESCE(held.issued, 0) OR COALESCE(held.issued, 0) > c.quantity)
     UNION ALL
     SELECT held.coupon_id, NULL, NULL, held.issued
     FROM (SELECT coupon_id, COUNT(*) AS issued FROM user_coupons
       WHERE coupon_id > ? AND coupon_id <= ? GROUP BY coupon_id) held
     LEFT JOIN coupons c ON c.id = held.coupon_id WHERE c.id IS NULL`,
    [from, to, from, to, from, to],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    detail:
      row.quantity === null
        ? `issued ${row.issued}, but the coupon does not exist`
        : `issued ${row.issued}, counted ${row.issued_count}, quantity ${row.quantity}`,
  }));
}

/** Used coupons whose order is missing, cancelled or does not name them. Uses the primary keys. */
export async function readWrongUses(read: Read, { from, to }: IdRange): Promise<BrokenRow[]> {
  const rows = await read<{ id: Buffer; order_id: Buffer | null; status: string | null }>(
    `SELECT u.id, u.order_id, o.status FROM user_coupons u LEFT JOIN orders o ON o.id = u.order_id
     WHERE u.id > ? AND u.id <= ? AND CASE u.status
       WHEN 'USED' THEN NOT
         (o.user_coupon_id <=> u.id AND o.user_id <=> u.user_id AND o.status <=> 'COMPLETED')
       ELSE u.order_id IS NOT NULL END`,
    [from, to],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    detail:
      `used in order ${row.order_id === null ? 'none' : uuidText(row.order_id)}, ` +
      `which ${row.status === null ? 'does not exist' : `is ${row.status} or does not name it`}`,
  }));
}

/**
 * Completed orders whose coupon is not marked as used in them, and orders whose discount is wrong. Expected
 * is for FIXED the amount, for PERCENT the share rounded down and capped, never more than the subtotal, and 0
 * without a coupon. Uses the primary keys.
 */
export async function readWrongDiscounts(read: Read, { from, to }: IdRange): Promise<BrokenRow[]> {
  const rows = await read<{
    id: Buffer;
    discount: number;
    expected: number;
    user_coupon_id: Buffer | null;
    used_in: Buffer | null;
  }>(
    `SELECT id, discount, expected, user_coupon_id, used_in FROM (
       SELECT o.id, o.status, o.discount, o.user_coupon_id, u.order_id AS used_in,
         LEAST(o.subtotal, CASE c.kind WHEN 'FIXED' THEN c.amount
           WHEN 'PERCENT' THEN LEAST(c.discount_max, FLOOR(o.subtotal * c.percent / 100))
           ELSE 0 END) AS expected
       FROM orders o LEFT JOIN user_coupons u ON u.id = o.user_coupon_id AND u.user_id = o.user_id
       LEFT JOIN coupons c ON c.id = u.coupon_id WHERE o.id > ? AND o.id <= ?) o
     WHERE discount <> expected
       OR (status = 'COMPLETED' AND user_coupon_id IS NOT NULL AND NOT used_in <=> id)`,
    [from, to],
  );
  return rows.map((row) => {
    const coupon = row.user_coupon_id === null ? 'none' : uuidText(row.user_coupon_id);
    const usedIn = row.used_in === null ? '' : `, used in ${uuidText(row.used_in)}`;
    return {
      id: uuidText(row.id),
      detail: `discount ${row.discount}, expected ${row.expected}; coupon ${coupon}${usedIn}`,
    };
  });
}
