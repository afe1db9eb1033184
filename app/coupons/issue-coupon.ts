import type { BatchLane } from '../platform/load/batch-lane.ts';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Coupon } from './coupon.ts';
import type { CouponCounters, Reservation } from './coupon-counters.ts';
import type { CouponDefinitions } from './coupon-definitions.ts';
import type { CouponClaim, IssueResult } from './decide-issues.ts';
import { publishHolders } from './publish-holders.ts';
import { findUserCouponId } from './user-coupon-sql.ts';

export interface IssueCouponDependencies {
  readonly database: Database;
  readonly counters: CouponCounters;
  readonly findDefinition: CouponDefinitions;
  /** Records claims in MySQL. Claims that arrive together share a transaction; see record-issues.ts. */
  readonly issues: BatchLane<CouponClaim, IssueResult>;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly log: Log;
}

export type IssueCouponResult =
  | (Extract<IssueResult, { code: 'issued' }> & { readonly coupon: Coupon })
  | Exclude<IssueResult, { code: 'issued' }>;

/**
 * Issues a coupon of limited quantity: first come, first served, one per customer. Redis rejects latecomers.
 * All other claims are decided in MySQL under the coupon's lock; so is every claim while Redis is unavailable
 * or its counters are missing. "Sold out" and "already issued" are returned only if MySQL has confirmed them.
 *
 * Throws OperationalError; repeating the same claim is then safe and returns the outcome.
 */
export async function issueCoupon(
  dependencies: IssueCouponDependencies,
  { couponId, userId }: { readonly couponId: string; readonly userId: string },
): Promise<IssueCouponResult> {
  const { database, counters, findDefinition, issues, newId, nowMs } = dependencies;
  const coupon = await findDefinition(couponId);
  if (coupon === undefined) return { code: 'coupon_not_found' };
  const { validFrom, validUntil } = coupon.terms;
  if (coupon.stoppedAt !== undefined) return { code: 'coupon_not_usable', reason: 'stopped' };
  if (nowMs() < validFrom.getTime()) return { code: 'coupon_not_usable', reason: 'not_yet_valid' };
  if (nowMs() >= validUntil.getTime()) return { code: 'coupon_not_usable', reason: 'expired' };

  const claim = { couponId, version: coupon.version, userId, validUntil };
  const reservation = await counters.reserve(claim);
  if (reservation === 'sold_out') return { code: 'coupon_sold_out' };
  if (reservation === 'held') {
    const userCouponId = await findUserCouponId(database, claim);
    if (userCouponId !== undefined) return { code: 'coupon_already_issued', userCouponId };
  }
  let result: IssueResult | undefined;
  try {
    result = await issues.submit({ userCouponId: newId(), couponId, userId });
  } finally {
    // Not awaited: a counter may be wrong for a moment.
    void settle(dependencies, claim, reservation, result);
  }
  return result.code === 'issued' ? { ...result, coupon } : result;
}

/** Updates Redis with MySQL's result, which is undefined if the claim failed. */
async function settle(
  dependencies: IssueCouponDependencies,
  claim: Parameters<CouponCounters['reserve']>[0],
  reservation: Reservation,
  result: IssueResult | undefined,
): Promise<void> {
  const { counters, log } = dependencies;
  switch (result?.code) {
    case 'issued':
      // Needed after a reservation too: the keys may have been flushed since.
      await counters.hold(reservation === 'reserved' ? claim : { ...claim, left: result.left });
      return;
    case 'coupon_sold_out':
      // An unconfirmed user was not among the claims a moment ago.
      if (await counters.close({ ...claim, mayBeClaimed: reservation !== 'unconfirmed' })) {
        // If it fails, latecomers cost MySQL time until a later claim or the worker lists them.
        await orLog(() => publishHolders(dependencies, claim), { log, event: 'coupon_holders_not_listed' });
      }
      return;
    case 'coupon_already_issued':
      // Redis was flushed: release the reservation and mark the user as a holder again.
      if (reservation === 'reserved') await counters.giveBack(claim);
      await counters.hold(claim);
      return;
    case undefined:
      if (reservation !== 'reserved') return;
      // MySQL may still have recorded the claim: the next claim queries whether the user has one.
      await counters.giveBack(claim);
      await counters.hold(claim);
      return;
    default:
      if (reservation === 'reserved') await counters.giveBack(claim);
  }
}
