import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { CouponTerms, UserCoupon } from './coupon.ts';
import { shareCoupons, termsOf } from './coupon-sql.ts';
import { type CouponClaim, holderKey, type IssuedCoupon } from './decide-issues.ts';

interface UserCouponRow {
  id: Buffer;
  coupon_id: Buffer;
  user_id: Buffer;
  status: UserCoupon['status'];
}

/** The coupon id of each user coupon, by its own id. Uses the primary key. No lock: the ids never change. */
export async function findCouponIds(
  tx: Transaction,
  userCouponIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (userCouponIds.length === 0) return new Map();
  const ids = [...new Set(userCouponIds)].map(uuidBytes);
  const rows = await Promise.all(
    chunksOf(ids, IDS_MAX).map((chunk) =>
      tx.read<Pick<UserCouponRow, 'id' | 'coupon_id'>>(
        'SELECT id, coupon_id FROM user_coupons FORCE INDEX (PRIMARY) WHERE id IN (?)',
        [chunk],
      ),
    ),
  );
  return new Map(rows.flat().map((row) => [uuidText(row.id), uuidText(row.coupon_id)]));
}

/**
 * Locks users' coupons, given the coupon id of each. Locks first those coupons in share mode, then the users'
 * own, both ascending by primary key and in one round trip. Last in the lock order. User coupons that do not
 * exist, or whose coupon does not, are absent from the result. An empty map costs no statement.
 *
 * FORCE INDEX: otherwise MySQL scans small tables and waits for rows outside the list.
 */
export async function lockUserCoupons(
  tx: Transaction,
  couponIds: ReadonlyMap<string, string>,
): Promise<Map<string, UserCoupon & { readonly terms: CouponTerms; readonly isStopped: boolean }>> {
  if (couponIds.size === 0) return new Map();
  const ids = [...couponIds.keys()].toSorted().map(uuidBytes);
  const [coupons, ...rows] = await Promise.all([
    shareCoupons(tx, [...couponIds.values()]),
    ...chunksOf(ids, IDS_MAX).map((chunk) =>
      tx.read<UserCouponRow>(
        `SELECT id, coupon_id, user_id, status FROM user_coupons FORCE INDEX (PRIMARY)
         WHERE id IN (?) ORDER BY id FOR UPDATE`,
        [chunk],
      ),
    ),
  ]);
  return new Map(
    rows.flat().flatMap((row) => {
      const held = userCouponOf(row);
      const coupon = coupons.get(held.couponId);
      if (coupon === undefined) return [];
      const { terms, stoppedAt } = coupon;
      return [[held.userCouponId, { ...held, terms, isStopped: stoppedAt !== undefined }]];
    }),
  );
}

/** Sets locked coupons ISSUED → USED, each with its order. Throws if one of them is not ISSUED. */
export async function markCouponsUsed(
  tx: Transaction,
  uses: readonly { readonly userCouponId: string; readonly orderId: string }[],
  usedAt: Date,
): Promise<void> {
  const sorted = uses.toSorted((a, b) => (a.userCouponId < b.userCouponId ? -1 : 1));
  const marked = chunksOf(sorted, IDS_MAX).map((chunk) =>
    tx.writeRows(
      chunk.length,
      `UPDATE user_coupons FORCE INDEX (PRIMARY)
       SET status = 'USED', used_at = ?, order_id = CASE id ${chunk.map(() => 'WHEN ? THEN ?').join(' ')} END
       WHERE id IN (?) AND status = 'ISSUED'`,
      [
        usedAt,
        ...chunk.flatMap(({ userCouponId, orderId }) => [uuidBytes(userCouponId), uuidBytes(orderId)]),
        chunk.map(({ userCouponId }) => uuidBytes(userCouponId)),
      ],
    ),
  );
  await Promise.all(marked);
}

/**
 * Sets the coupon of a locked order that is being cancelled USED → ISSUED. An expired coupon is returned too;
 * its terms keep it from being used. Throws if this order did not use it.
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

/**
 * Coupons that these users already have, keyed by `holderKey`. Uses user_coupons_one_a_user. Call it under
 * the coupons' locks, which every claim must acquire: then no row can appear between lookup and insert.
 */
export async function findHoldings(
  tx: Transaction,
  claims: readonly CouponClaim[],
): Promise<Map<string, IssuedCoupon>> {
  const rows = await tx.read<Omit<UserCouponRow, 'status'> & { issued_at: Date }>(
    `SELECT id, coupon_id, user_id, issued_at FROM user_coupons
     WHERE (coupon_id, user_id) IN (${claims.map(() => '(?, ?)').join(', ')})`,
    claims.flatMap(({ couponId, userId }) => [uuidBytes(couponId), uuidBytes(userId)]),
  );
  const holdings = rows.map((row) => ({
    userCouponId: uuidText(row.id),
    couponId: uuidText(row.coupon_id),
    userId: uuidText(row.user_id),
    issuedAt: row.issued_at,
  }));
  return new Map(holdings.map((holding) => [holderKey(holding), holding]));
}

export async function insertUserCoupons(tx: Transaction, issued: readonly IssuedCoupon[]): Promise<void> {
  await tx.write('INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at) VALUES ?', [
    issued.map((coupon) => [
      uuidBytes(coupon.userCouponId),
      uuidBytes(coupon.couponId),
      uuidBytes(coupon.userId),
      'ISSUED',
      coupon.issuedAt,
    ]),
  ]);
}

/** The id of the user's coupon of this kind, as last committed. Uses user_coupons_one_a_user. */
export async function findUserCouponId(
  database: Database,
  { couponId, userId }: { readonly couponId: string; readonly userId: string },
): Promise<string | undefined> {
  const [row] = await database.read<Pick<UserCouponRow, 'id'>>(
    'SELECT id FROM user_coupons WHERE coupon_id = ? AND user_id = ?',
    [uuidBytes(couponId), uuidBytes(userId)],
  );
  return row && uuidText(row.id);
}

/** Users after `afterUserId` who have this coupon, ascending by id. Reads only user_coupons_one_a_user. */
export async function listHolders(
  database: Pick<Database, 'read'>,
  { couponId, afterUserId, limit }: { couponId: string; afterUserId: string | undefined; limit: number },
): Promise<string[]> {
  const after = afterUserId === undefined ? '' : 'AND user_id > ?';
  const rows = await database.read<Pick<UserCouponRow, 'user_id'>>(
    `SELECT user_id FROM user_coupons WHERE coupon_id = ? ${after} ORDER BY user_id LIMIT ?`,
    [uuidBytes(couponId), ...(afterUserId === undefined ? [] : [uuidBytes(afterUserId)]), limit],
  );
  return rows.map((row) => uuidText(row.user_id));
}

export interface ListedUserCoupon extends Omit<UserCoupon, 'userId'> {
  readonly name: string;
  readonly terms: CouponTerms;
  readonly isStopped: boolean;
  readonly orderId: string | undefined;
  readonly issuedAt: Date;
}

type ListedRow = Parameters<typeof termsOf>[0] &
  Omit<UserCouponRow, 'user_id'> & {
    name: string;
    stopped_at: Date | null;
    order_id: Buffer | null;
    issued_at: Date;
  };

const SELECT_LISTED = `SELECT u.id, u.coupon_id, u.status, u.order_id, u.issued_at, c.name, c.kind, c.amount,
  c.percent, c.discount_max, c.minimum_order, c.valid_from, c.valid_until, c.stopped_at
  FROM user_coupons u JOIN coupons c ON c.id = u.coupon_id`;

/** The user's coupons issued before `beforeId`, newest first. Reads user_coupons_user backwards. */
export async function listUserCoupons(
  database: Database,
  { userId, beforeId, limit }: { userId: string; beforeId: string | undefined; limit: number },
): Promise<ListedUserCoupon[]> {
  const before = beforeId === undefined ? '' : 'AND u.id < ?';
  const rows = await database.read<ListedRow>(
    `${SELECT_LISTED} WHERE u.user_id = ? ${before} ORDER BY u.id DESC LIMIT ?`,
    [uuidBytes(userId), ...(beforeId === undefined ? [] : [uuidBytes(beforeId)]), limit],
  );
  return rows.map(listedOf);
}

/** A customer's coupon, with its definition. Uses the primary keys. */
export async function findUserCoupon(
  read: Read,
  userCouponId: string,
): Promise<ListedUserCoupon | undefined> {
  const [row] = await read<ListedRow>(`${SELECT_LISTED} WHERE u.id = ?`, [uuidBytes(userCouponId)]);
  return row && listedOf(row);
}

function listedOf(row: ListedRow): ListedUserCoupon {
  return {
    userCouponId: uuidText(row.id),
    couponId: uuidText(row.coupon_id),
    status: row.status,
    name: row.name,
    terms: termsOf(row),
    isStopped: row.stopped_at !== null,
    orderId: row.order_id === null ? undefined : uuidText(row.order_id),
    issuedAt: row.issued_at,
  };
}

function userCouponOf(row: UserCouponRow): UserCoupon {
  return {
    userCouponId: uuidText(row.id),
    couponId: uuidText(row.coupon_id),
    userId: uuidText(row.user_id),
    status: row.status,
  };
}
