import type { Database } from '../platform/mysql/database.ts';
import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import type { CouponCounters } from './coupon-counters.ts';
import { type CouponPlace, listCouponsLeft } from './coupon-sql.ts';
import { listHolders } from './user-coupon-sql.ts';

export interface ReconcileCountersDependencies extends LeaderDependencies {
  readonly database: Database;
  readonly counters: CouponCounters;
  readonly nowMs: () => number;
}

/** Coupons, or holders, per round trip. */
const PAGE = 500;
const LOCK_TTL_MS = 10_000;

/**
 * Sets the counters of all coupons that have not ended to MySQL's numbers, repeatedly until `signal` aborts.
 * Repairs counters that Redis has lost, and reservations of processes that died. One process in the fleet
 * does this at a time; two at once do no harm.
 */
export function reconcileCounters(
  dependencies: ReconcileCountersDependencies,
  signal: AbortSignal,
): Promise<void> {
  const rebuild = (leading: AbortSignal) => reconcileOnce(dependencies, leading);
  return runAsLeader(dependencies, { name: 'coupon-counters', ttlMs: LOCK_TTL_MS }, rebuild, signal);
}

async function reconcileOnce(
  dependencies: ReconcileCountersDependencies,
  signal: AbortSignal,
): Promise<void> {
  for (const claimable of [true, false]) await reconcileAll(dependencies, claimable, signal);
}

async function reconcileAll(
  { database, counters, nowMs, log }: ReconcileCountersDependencies,
  claimable: boolean,
  signal: AbortSignal,
): Promise<void> {
  let after: CouponPlace | undefined;
  while (!signal.aborted) {
    const coupons = await listCouponsLeft(database, { at: new Date(nowMs()), claimable, after, limit: PAGE });
    const found = await counters.rebuild(coupons);
    const goneCount = found.filter(({ wasGone }) => wasGone).length;
    if (goneCount > 0) log.info('coupon_counters_rebuilt', { goneCount });
    for (const [index, coupon] of coupons.entries()) {
      if (found[index]?.holdersKnown !== true) await addHolders({ database, counters }, coupon, signal);
    }
    if (coupons.length < PAGE) return;
    after = coupons.at(-1);
  }
}

async function addHolders(
  { database, counters }: Pick<ReconcileCountersDependencies, 'database' | 'counters'>,
  coupon: Parameters<CouponCounters['addHolders']>[0],
  signal: AbortSignal,
): Promise<void> {
  let afterUserId: string | undefined;
  while (!signal.aborted) {
    const userIds = await listHolders(database, { couponId: coupon.couponId, afterUserId, limit: PAGE });
    if (userIds.length > 0) await counters.addHolders(coupon, userIds);
    if (userIds.length < PAGE) return counters.holdersComplete(coupon);
    afterUserId = userIds.at(-1);
  }
}
