import type { Transaction } from '../platform/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { CouponTerms, UserCoupon } from './coupon.ts';
import { readCouponTerms } from './coupon-sql.ts';

interface UserCouponRow {
  id: Buffer;
  coupon_id: Buffer;
  user_id: Buffer;
  status: UserCoupon['status'];
}

/** Rows a statement. Beyond 1,000 ids MariaDB leaves the index. */
const ROWS_MAX = 500;

/**
 * Locks these coupons in users' hands, ascending by primary key, and reads them with their terms; an id that does
 * not exist is left out. No statement when no coupon is named. FORCE INDEX, because MySQL scans a small table otherwise
 * and waits for rows that nobody asked for. In the lock order they come last.
 */
export async function lockUserCoupons(
  tx: Transaction,
  userCouponIds: readonly string[],
): Promise<Map<string, UserCoupon & { readonly terms: CouponTerms }>> {
  if (userCouponIds.length === 0) return new Map();
  const ids = [...new Set(userCouponIds)].toSorted().map(uuidBytes);
  const rows: UserCouponRow[] = [];
  for (let at = 0; at < ids.length; at += ROWS_MAX) {
    rows.push(
      ...(await tx.read<UserCouponRow>(
        `SELECT id, coupon_id, user_id, status FROM user_coupons FORCE INDEX (PRIMARY)
         WHERE id IN (?) ORDER BY id FOR UPDATE`,
        [ids.slice(at, at + ROWS_MAX)],
      )),
    );
  }
  const coupons = rows.map(userCouponOf);
  const termsById = await readCouponTerms(tx, [...new Set(coupons.map(({ couponId }) => couponId))]);
  return new Map(
    coupons.map((coupon) => {
      const terms = termsById.get(coupon.couponId);
      if (terms === undefined) throw new Error("a coupon in a user's hand has no definition");
      return [coupon.userCouponId, { ...coupon, terms }];
    }),
  );
}

/** ISSUED → USED for locked coupons, each in its order. Throws when one of them was not ISSUED. */
export async function markCouponsUsed(
  tx: Transaction,
  uses: readonly { readonly userCouponId: string; readonly orderId: string }[],
  usedAt: Date,
): Promise<void> {
  const sorted = uses.toSorted((a, b) => (a.userCouponId < b.userCouponId ? -1 : 1));
  for (let at = 0; at < sorted.length; at += ROWS_MAX) {
    const chunk = sorted.slice(at, at + ROWS_MAX);
    const { affectedRows } = await tx.write(
      `UPDATE user_coupons FORCE INDEX (PRIMARY)
       SET status = 'USED', used_at = ?, order_id = CASE id ${chunk.map(() => 'WHEN ? THEN ?').join(' ')} END
       WHERE id IN (?) AND status = 'ISSUED'`,
      [
        usedAt,
        ...chunk.flatMap(({ userCouponId, orderId }) => [uuidBytes(userCouponId), uuidBytes(orderId)]),
        chunk.map(({ userCouponId }) => uuidBytes(userCouponId)),
      ],
    );
    if (affectedRows !== chunk.length) throw new Error('a locked coupon was changed by someone else');
  }
}

/**
 * USED → ISSUED: the coupon of an order that the caller has locked and is cancelling. An expired one goes back too;
 * its terms say that it no longer counts. Throws when this order did not have it.
 */
export async function returnCoupon(
  tx: Transaction,
  { userCouponId, orderId }: { readonly userCouponId: string; readonly orderId: string },
): Promise<void> {
  const { affectedRows } = await tx.write(
    `UPDATE user_coupons FORCE INDEX (PRIMARY) SET status = 'ISSUED', order_id = NULL, used_at = NULL
     WHERE id = ? AND status = 'USED' AND order_id = ?`,
    [uuidBytes(userCouponId), uuidBytes(orderId)],
  );
  if (affectedRows !== 1) throw new Error('the coupon of a cancelled order was not its own');
}

function userCouponOf(row: UserCouponRow): UserCoupon {
  return {
    userCouponId: uuidText(row.id),
    couponId: uuidText(row.coupon_id),
    userId: uuidText(row.user_id),
    status: row.status,
  };
}
