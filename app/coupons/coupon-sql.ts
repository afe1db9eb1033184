import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import type { Database, SqlValue, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { Coupon, CouponTerms } from './coupon.ts';

interface TermsRow {
  id: Buffer;
  kind: CouponTerms['kind'];
  amount: number | null;
  percent: number | null;
  discount_max: number | null;
  minimum_order: number;
  valid_from: Date;
  valid_until: Date;
}

interface CouponRow extends TermsRow {
  name: string;
  quantity: number;
  issued_count: number;
  stopped_at: Date | null;
  version: number;
  created_at: Date;
}

const TERMS_COLUMNS = 'id, kind, amount, percent, discount_max, minimum_order, valid_from, valid_until';
const COLUMNS = `${TERMS_COLUMNS}, name, quantity, issued_count, stopped_at, version, created_at`;

export async function insertCoupon(tx: Transaction, coupon: Coupon): Promise<void> {
  const { terms } = coupon;
  await tx.write(
    `INSERT INTO coupons (id, name, kind, amount, percent, discount_max, minimum_order, quantity,
       issued_count, valid_from, valid_until, stopped_at, version, created_at) VALUES (?)`,
    [
      [
        uuidBytes(coupon.couponId),
        coupon.name,
        ...discountValues(terms),
        coupon.quantity,
        coupon.issuedCount,
        terms.validFrom,
        terms.validUntil,
        coupon.stoppedAt ?? null,
        coupon.version,
        coupon.createdAt,
      ],
    ],
  );
}

/** Writes a coupon whose row is locked by this transaction. The issued count stays unchanged. */
export async function updateCoupon(tx: Transaction, coupon: Coupon): Promise<void> {
  const { terms } = coupon;
  await tx.write(
    `UPDATE coupons SET name = ?, kind = ?, amount = ?, percent = ?, discount_max = ?, minimum_order = ?,
       quantity = ?, valid_from = ?, valid_until = ?, stopped_at = ?, version = ? WHERE id = ?`,
    [
      coupon.name,
      ...discountValues(terms),
      coupon.quantity,
      terms.validFrom,
      terms.validUntil,
      coupon.stoppedAt ?? null,
      coupon.version,
      uuidBytes(coupon.couponId),
    ],
  );
}

/**
 * Locks coupons in share mode, ascending by primary key, and returns what orders need of them. Orders do not
 * wait for each other; a stop or an edit waits for orders decided before it. MariaDB has no FOR SHARE.
 */
export async function shareCoupons(
  tx: Transaction,
  couponIds: readonly string[],
): Promise<Map<string, Pick<Coupon, 'terms' | 'stoppedAt'>>> {
  if (couponIds.length === 0) return new Map();
  const ids = [...new Set(couponIds)].toSorted().map(uuidBytes);
  const rows = await Promise.all(
    chunksOf(ids, IDS_MAX).map((chunk) =>
      tx.read<TermsRow & { stopped_at: Date | null }>(
        `SELECT ${TERMS_COLUMNS}, stopped_at FROM coupons FORCE INDEX (PRIMARY)
         WHERE id IN (?) ORDER BY id LOCK IN SHARE MODE`,
        [chunk],
      ),
    ),
  );
  return new Map(
    rows
      .flat()
      .map((row) => [uuidText(row.id), { terms: termsOf(row), stoppedAt: row.stopped_at ?? undefined }]),
  );
}

/**
 * Locks and reads coupons, ascending by primary key. Coupons that do not exist are absent from the result.
 */
export async function lockCoupons(
  tx: Transaction,
  couponIds: readonly string[],
): Promise<Map<string, Coupon>> {
  const ids = [...new Set(couponIds)].toSorted().map(uuidBytes);
  const rows = await tx.read<CouponRow>(
    `SELECT ${COLUMNS} FROM coupons FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE`,
    [ids],
  );
  return new Map(rows.map((row) => [uuidText(row.id), couponOf(row)]));
}

/**
 * Adds to the issued counts of coupons that this transaction has locked. Call it before inserting into
 * user_coupons: in the other order, two claims deadlock. Throws if a coupon would exceed its quantity.
 */
export async function countIssued(tx: Transaction, counts: ReadonlyMap<string, number>): Promise<void> {
  const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const counted of chunksOf(sorted, IDS_MAX)) {
    const chunk = counted.map(([id, count]) => ({ id: uuidBytes(id), count }));
    const branches = chunk.map(() => 'WHEN ? THEN ?').join(' ');
    const pairs = chunk.flatMap(({ id, count }) => [id, count]);
    const { affectedRows } = await tx.write(
      `UPDATE coupons FORCE INDEX (PRIMARY) SET issued_count = issued_count + CASE id ${branches} END
       WHERE id IN (?) AND issued_count + CASE id ${branches} END <= quantity`,
      [...pairs, chunk.map(({ id }) => id), ...pairs],
    );
    if (affectedRows !== chunk.length) throw new Error('a locked coupon was changed by another transaction');
  }
}

/** A coupon as last committed. Uses the primary key. */
export async function findCoupon(
  database: Pick<Database, 'read'>,
  couponId: string,
): Promise<Coupon | undefined> {
  const [row] = await database.read<CouponRow>(`SELECT ${COLUMNS} FROM coupons WHERE id = ?`, [
    uuidBytes(couponId),
  ]);
  return row && couponOf(row);
}

/** Coupons created before `beforeId`, newest first. Reads the primary key backwards. */
export async function listCoupons(
  database: Database,
  { beforeId, limit }: { beforeId: string | undefined; limit: number },
): Promise<Coupon[]> {
  const before = beforeId === undefined ? '' : 'WHERE id < ?';
  const rows = await database.read<CouponRow>(
    `SELECT ${COLUMNS} FROM coupons ${before} ORDER BY id DESC LIMIT ?`,
    [...(beforeId === undefined ? [] : [uuidBytes(beforeId)]), limit],
  );
  return rows.map(couponOf);
}

/**
 * Coupons after `afterId` that can be claimed at this time, those that end soonest first. Uses
 * coupons_claimable_until: a page reads its own rows and, before them, coupons that have not started. It
 * reads no ended, sold-out or stopped coupons.
 */
export async function listOpenCoupons(
  database: Pick<Database, 'readReplica'>,
  { at, afterId, limit }: { at: Date; afterId: string | undefined; limit: number },
): Promise<Coupon[]> {
  // Where the previous page ended. If that coupon no longer exists, the list starts over.
  const [last] =
    afterId === undefined
      ? []
      : await database.readReplica<{ valid_until: Date }>('SELECT valid_until FROM coupons WHERE id = ?', [
          uuidBytes(afterId),
        ]);
  const after =
    last === undefined ? undefined : { validUntil: last.valid_until, couponId: afterId as string };
  const { condition, values } = laterThan(at, after);
  const rows = await database.readReplica<CouponRow>(
    `SELECT ${COLUMNS} FROM coupons FORCE INDEX (coupons_claimable_until)
     WHERE claimable = 1 AND ${condition} AND valid_from <= ? ORDER BY valid_until, id LIMIT ?`,
    [...values, at, limit],
  );
  return rows.map(couponOf);
}

/** A coupon's position in the list of those that have not ended. */
export interface CouponPlace {
  readonly validUntil: Date;
  readonly couponId: string;
}

/**
 * Numbers left of coupons that have not ended, sorted by their end, after `after`. `claimable` selects those
 * that can be claimed, or else those that are sold out or stopped. Uses coupons_claimable_until.
 */
export async function listCouponsLeft(
  database: Pick<Database, 'read'>,
  query: { at: Date; claimable: boolean; after: CouponPlace | undefined; limit: number },
): Promise<(CouponPlace & { version: number; left: number })[]> {
  const { condition, values } = laterThan(query.at, query.after);
  const rows = await database.read<{ id: Buffer; version: number; left_count: number; valid_until: Date }>(
    `SELECT id, version, quantity - issued_count AS left_count, valid_until
     FROM coupons FORCE INDEX (coupons_claimable_until)
     WHERE claimable = ? AND ${condition} ORDER BY valid_until, id LIMIT ?`,
    [query.claimable ? 1 : 0, ...values, query.limit],
  );
  return rows.map((row) => ({
    couponId: uuidText(row.id),
    version: row.version,
    left: row.left_count,
    validUntil: row.valid_until,
  }));
}

/** Coupons that end after `at` and after a place. The first condition limits the index range; OR does not. */
function laterThan(at: Date, after: CouponPlace | undefined): { condition: string; values: SqlValue[] } {
  if (after === undefined) return { condition: 'valid_until > ?', values: [at] };
  const { validUntil, couponId } = after;
  return {
    condition: 'valid_until > ? AND valid_until >= ? AND (valid_until > ? OR id > ?)',
    values: [at, validUntil, validUntil, uuidBytes(couponId)],
  };
}

/** Values of kind, amount, percent, discount_max and minimum_order. */
function discountValues(terms: CouponTerms): SqlValue[] {
  return [
    terms.kind,
    terms.kind === 'FIXED' ? terms.amountKrw : null,
    terms.kind === 'PERCENT' ? terms.percent : null,
    terms.kind === 'PERCENT' ? terms.discountMaxKrw : null,
    terms.minimumOrderKrw,
  ];
}

function couponOf(row: CouponRow): Coupon {
  return {
    couponId: uuidText(row.id),
    name: row.name,
    terms: termsOf(row),
    quantity: row.quantity,
    issuedCount: row.issued_count,
    stoppedAt: row.stopped_at ?? undefined,
    version: row.version,
    createdAt: row.created_at,
  };
}

export function termsOf(row: Omit<TermsRow, 'id'>): CouponTerms {
  const { minimum_order: minimumOrderKrw, valid_from: validFrom, valid_until: validUntil } = row;
  const shared = { minimumOrderKrw, validFrom, validUntil };
  // A CHECK constraint guarantees the columns of each kind.
  return row.kind === 'FIXED'
    ? { ...shared, kind: 'FIXED', amountKrw: row.amount as number }
    : {
        ...shared,
        kind: 'PERCENT',
        percent: row.percent as number,
        discountMaxKrw: row.discount_max as number,
      };
}
