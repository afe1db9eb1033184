import type { Answer } from '../../client/rowlock-client.ts';
import { api, RowlockProblem, watchedFetch } from '../../shared/api.ts';
import type { Version } from '../parts/use-editing.ts';

export type AdminCoupon = Answer<'readCoupon'>;
type Discount = AdminCoupon['discount'];

/** What an edit replaces. */
export interface CouponFields {
  readonly name: string;
  readonly discount: Discount;
  readonly minimumOrder: number;
  readonly quantity: number;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly status: AdminCoupon['status'];
}

export interface VersionedCoupon {
  readonly coupon: AdminCoupon;
  readonly version: Version<CouponFields>;
}

/** Reads a coupon with its ETag, which its reply does not hold otherwise. */
export async function readCoupon(couponId: string, signal?: AbortSignal): Promise<VersionedCoupon> {
  const reply = await watchedFetch(`/admin/coupons/${encodeURIComponent(couponId)}`, {
    headers: { accept: 'application/json' },
    ...(signal && { signal }),
  });
  const body: unknown = await reply.json();
  if (!reply.ok) throw new RowlockProblem(reply.status, body as Readonly<Record<string, unknown>>);
  const coupon = body as AdminCoupon;
  return { coupon, version: { fields: fieldsOf(coupon), tag: reply.headers.get('etag') ?? '' } };
}

export async function saveCoupon(
  couponId: string,
  fields: CouponFields,
  ifMatch: string,
): Promise<Version<CouponFields>> {
  const { name, discount, minimumOrder, quantity, validFrom, validUntil, status } = fields;
  await api.call('replaceCoupon', {
    path: { couponId },
    body: { name, discount, minimumOrder, quantity, validFrom, validUntil, status },
    ifMatch,
  });
  return (await readCoupon(couponId)).version;
}

export function fieldsOf(coupon: AdminCoupon): CouponFields {
  const { name, discount, minimumOrder, quantity, validFrom, validUntil, status } = coupon;
  return { name, discount, minimumOrder, quantity, validFrom, validUntil, status };
}

export type CouponState = 'running' | 'planned' | 'over' | 'gone' | 'stopped';

/** What a coupon is to customers at a moment. */
export function stateOf(coupon: AdminCoupon, nowMs: number): CouponState {
  if (coupon.status === 'STOPPED') return 'stopped';
  if (nowMs >= Date.parse(coupon.validUntil)) return 'over';
  if (coupon.left === 0) return 'gone';
  return nowMs < Date.parse(coupon.validFrom) ? 'planned' : 'running';
}
