import type { BatchLane } from '../platform/load/batch-lane.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Coupon } from './coupon.ts';
import type { CouponCounters, Reservation } from './coupon-counters.ts';
import { findCoupon } from './coupon-sql.ts';
import type { CouponClaim, IssueResult } from './decide-issues.ts';
import { findUserCouponId } from './user-coupon-sql.ts';

export interface IssueCouponDependencies {
  readonly database: Database;
  readonly counters: CouponCounters;
  /** Records claims in MySQL, those that arrive together in one transaction; see record-issues.ts. */
  readonly issues: BatchLane<CouponClaim, IssueResult>;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

/**
 * Maximum age of a coupon's definition, and thus of a refusal from before an edit. Claims that pass are decided in
 * MySQL. The issued count of these is not used.
 */
const DEFINITION_TTL_MS = 1000;
const DEFINITIONS_MAX = 1000;

/**
 * Gives a user one of a coupon's limited number, first come, first served, once a user. Redis turns latecomers away;
 * whoever is left is decided in MySQL under the coupon's lock, and so is everybody while Redis is away or
 * its counters are gone. "Sold out" and "you have one" are only said when MySQL has said so.
 *
 * Throws OperationalError; the same claim may then be repeated and finds out what happened.
 */
export function issueCoupon(
  dependencies: IssueCouponDependencies,
): (claim: {
  readonly couponId: string;
  readonly userId: string;
}) => Promise<
  | (Extract<IssueResult, { code: 'issued' }> & { readonly coupon: Coupon })
  | Exclude<IssueResult, { code: 'issued' }>
> {
  const { database, counters, issues, newId, nowMs } = dependencies;
  const findDefinition = cachedDefinitions(database, nowMs);

  return async ({ couponId, userId }) => {
    const coupon = await findDefinition(couponId);
    if (coupon === undefined) return { code: 'coupon_not_found' };
    const { validFrom, validUntil } = coupon.terms;
    if (coupon.stoppedAt !== undefined) return { code: 'coupon_not_usable', reason: 'stopped' };
    if (nowMs() < validFrom.getTime()) return { code: 'coupon_not_usable', reason: 'not_yet_valid' };
    if (nowMs() >= validUntil.getTime()) return { code: 'coupon_not_usable', reason: 'expired' };

    const claim = { couponId, version: coupon.version, userId, validUntil };
    const reservation = await counters.take(claim);
    if (reservation === 'sold_out') return { code: 'coupon_sold_out' };
    if (reservation === 'held' || reservation === 'sold_out_unless_held') {
      const userCouponId = await findUserCouponId(database, claim);
      if (userCouponId !== undefined) return { code: 'coupon_already_issued', userCouponId };
      if (reservation === 'sold_out_unless_held') return { code: 'coupon_sold_out' };
    }
    let result: IssueResult | undefined;
    try {
      result = await issues.submit({ userCouponId: newId(), couponId, userId });
    } finally {
      // The answer does not wait for it: a counter may be wrong for a moment.
      void settle(counters, claim, reservation, result);
    }
    return result.code === 'issued' ? { ...result, coupon } : result;
  };
}

/** Brings Redis up to what MySQL has said; `result` is undefined when it has said nothing. */
async function settle(
  counters: CouponCounters,
  claim: Parameters<CouponCounters['take']>[0],
  reservation: Reservation,
  result: IssueResult | undefined,
): Promise<void> {
  switch (result?.code) {
    case 'issued':
      // Also who has taken a unit: the keys may have been flushed since.
      await counters.hold(reservation === 'taken' ? claim : { ...claim, left: result.left });
      return;
    case 'coupon_sold_out':
      await counters.close(claim);
      return;
    case 'coupon_already_issued':
      // After a flush: the unit goes back, and the user is remembered again.
      if (reservation === 'taken') await counters.giveBack(claim);
      await counters.hold(claim);
      return;
    case undefined:
      if (reservation !== 'taken') return;
      // It may have been recorded all the same: the next claim asks MySQL whether the user has one.
      await counters.giveBack(claim);
      await counters.hold(claim);
      return;
    default:
      if (reservation === 'taken') await counters.giveBack(claim);
  }
}

function cachedDefinitions(
  database: Database,
  nowMs: () => number,
): (couponId: string) => Promise<Coupon | undefined> {
  // In order of insertion, so the first key is the oldest.
  const known = new Map<string, { coupon: Promise<Coupon | undefined>; untilMs: number }>();
  return async (couponId) => {
    const cached = known.get(couponId);
    if (cached !== undefined && cached.untilMs > nowMs()) return cached.coupon;
    known.delete(couponId);
    const coupon = findCoupon(database, couponId);
    known.set(couponId, { coupon, untilMs: nowMs() + DEFINITION_TTL_MS });
    if (known.size > DEFINITIONS_MAX) known.delete(known.keys().next().value as string);
    // Neither a failure nor an id that may yet come to exist is kept.
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
