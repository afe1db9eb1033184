import { newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import type { TestDatabase } from '../servers/database.ts';

export interface CouponColumns {
  readonly kind?: 'FIXED' | 'PERCENT';
  readonly amount?: number | null;
  readonly percent?: number | null;
  readonly discount_max?: number | null;
  readonly minimum_order?: number;
  readonly quantity?: number;
  readonly valid_from?: Date;
  readonly valid_until?: Date;
}

const HOUR_MS = 3_600_000;

/**
 * Inserts a coupon of 100 KRW that is valid now, with the given columns instead of the defaults; returns its
 * id.
 */
export async function insertCoupon(
  database: Pick<TestDatabase, 'write'>,
  columns: CouponColumns = {},
): Promise<string> {
  const id = newUuid();
  const nowMs = Date.now();
  const row = {
    kind: 'FIXED',
    amount: 100,
    percent: null,
    discount_max: null,
    minimum_order: 0,
    quantity: 100,
    valid_from: new Date(nowMs - HOUR_MS),
    valid_until: new Date(nowMs + HOUR_MS),
    ...columns,
    id: uuidBytes(id),
    name: 'Welcome',
    created_at: new Date(nowMs),
  };
  await database.write(`INSERT INTO coupons (${Object.keys(row).join(', ')}) VALUES (?)`, [
    Object.values(row),
  ]);
  return id;
}

/** Gives a user such a coupon, as if it had been issued; returns the id that an order names. */
export async function giveCoupon(
  database: TestDatabase,
  userId: string,
  columns: CouponColumns = {},
): Promise<string> {
  const couponId = uuidBytes(await insertCoupon(database, columns));
  const id = newUuid();
  await database.write('UPDATE coupons SET issued_count = 1 WHERE id = ?', [couponId]);
  await database.write(
    "INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at) VALUES (?, ?, ?, 'ISSUED', NOW(3))",
    [uuidBytes(id), couponId, uuidBytes(userId)],
  );
  return id;
}

/** State of a user's coupon. */
export async function userCouponState(
  database: TestDatabase,
  userCouponId: string,
): Promise<{ status: string; orderId: string | undefined }> {
  const [row] = await database.read<{ status: string; order_id: Buffer | null }>(
    'SELECT status, order_id FROM user_coupons WHERE id = ?',
    [uuidBytes(userCouponId)],
  );
  if (row === undefined) throw new Error(`no such coupon: ${userCouponId}`);
  return { status: row.status, orderId: row.order_id === null ? undefined : uuidText(row.order_id) };
}
