import type { Transaction } from '../platform/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { CouponTerms } from './coupon.ts';

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

const TERMS_COLUMNS = 'id, kind, amount, percent, discount_max, minimum_order, valid_from, valid_until';

/** The terms of these coupons, by the primary key. Without a lock: they never change. */
export async function readCouponTerms(
  tx: Transaction,
  couponIds: readonly string[],
): Promise<Map<string, CouponTerms>> {
  if (couponIds.length === 0) return new Map();
  const rows = await tx.read<TermsRow>(`SELECT ${TERMS_COLUMNS} FROM coupons WHERE id IN (?)`, [
    couponIds.map(uuidBytes),
  ]);
  return new Map(rows.map((row) => [uuidText(row.id), termsOf(row)]));
}

function termsOf(row: TermsRow): CouponTerms {
  const { minimum_order: minimumOrderKrw, valid_from: validFrom, valid_until: validUntil } = row;
  const shared = { minimumOrderKrw, validFrom, validUntil };
  // A CHECK says which columns each kind has.
  return row.kind === 'FIXED'
    ? { ...shared, kind: 'FIXED', amountKrw: row.amount as number }
    : {
        ...shared,
        kind: 'PERCENT',
        percent: row.percent as number,
        discountMaxKrw: row.discount_max as number,
      };
}
