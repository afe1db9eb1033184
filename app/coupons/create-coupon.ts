import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Transaction } from '../platform/mysql/database.ts';
import type { Coupon } from './coupon.ts';
import type { CouponCounters } from './coupon-counters.ts';
import { couponFields } from './coupon-fields.ts';
import { insertCoupon } from './coupon-sql.ts';

export interface CreateCouponDependencies {
  readonly tx: Transaction;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly actor: Actor;
}

export interface CreateCouponResult {
  readonly code: 'created';
  readonly coupon: Coupon;
}

/** Creates a coupon of which none is issued. Call `openCounter` once the transaction is committed. */
export async function createCoupon(
  { tx, newId, nowMs, actor }: CreateCouponDependencies,
  fields: Pick<Coupon, 'name' | 'terms' | 'quantity'>,
): Promise<CreateCouponResult> {
  const createdAt = new Date(nowMs());
  const coupon: Coupon = {
    couponId: newId(),
    ...fields,
    issuedCount: 0,
    stoppedAt: undefined,
    version: 1,
    createdAt,
  };
  await insertCoupon(tx, coupon);
  await recordAction(tx, actor, {
    action: 'coupon_created',
    target: { kind: 'coupon', id: coupon.couponId },
    after: couponFields(coupon),
  });
  return { code: 'created', coupon };
}

/** Opens the Redis counter of a new coupon. Never throws for Redis: a missing counter is rebuilt later. */
export async function openCounter(
  counters: Pick<CouponCounters, 'open'>,
  { couponId, version, quantity: left, terms: { validUntil } }: Coupon,
): Promise<void> {
  await counters.open({ couponId, version, validUntil, left });
}
