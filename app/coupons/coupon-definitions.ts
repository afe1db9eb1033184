import type { Database } from '../platform/mysql/database.ts';
import type { Coupon } from './coupon.ts';
import { findCoupon } from './coupon-sql.ts';

/**
 * Maximum age of a cached definition, and thus of a refusal based on the version before an edit. Accepted
 * claims are decided in MySQL.
 */
const DEFINITION_TTL_MS = 1000;
const DEFINITIONS_MAX = 1000;

/** Finds a coupon; undefined if it does not exist. Its issued count may be outdated and must not be used. */
export type CouponDefinitions = (couponId: string) => Promise<Coupon | undefined>;

/** Caches coupons in this process. Concurrent lookups of a coupon share one query. */
export function createCouponDefinitions({
  database,
  nowMs,
}: {
  readonly database: Database;
  readonly nowMs: () => number;
}): CouponDefinitions {
  // Maps keep insertion order, so the first key is the oldest.
  const known = new Map<string, { coupon: Promise<Coupon | undefined>; untilMs: number }>();
  return async (couponId) => {
    const cached = known.get(couponId);
    if (cached !== undefined && cached.untilMs > nowMs()) return cached.coupon;
    known.delete(couponId);
    const coupon = findCoupon(database, couponId);
    known.set(couponId, { coupon, untilMs: nowMs() + DEFINITION_TTL_MS });
    if (known.size > DEFINITIONS_MAX) known.delete(known.keys().next().value as string);
    // Cache neither failures nor missing ids, which may yet come to exist.
    try {
      const found = await coupon;
      if (found === undefined) known.delete(couponId);
      return found;
    } catch (error) {
      known.delete(couponId);
      throw error;
    }
  };
}
