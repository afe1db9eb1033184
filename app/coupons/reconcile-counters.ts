import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import { type CouponPlace, listCouponsLeft } from './coupon-sql.ts';
import { publishHolders, type PublishHoldersDependencies } from './publish-holders.ts';

export interface ReconcileCountersDependencies extends LeaderDependencies, PublishHoldersDependencies {
  readonly nowMs: () => number;
}

/** Coupons per round trip. */
const PAGE = 500;
const LOCK_TTL_MS = 10_000;

/**
 * Sets the counters of all coupons that have not ended to MySQL's numbers, repeatedly until `signal` aborts,
 * and lists the holders of those that are sold out. Repairs what Redis has lost, and reservations of
 * processes that died. One process in the fleet does this at a time; two at once do no harm.
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
  dependencies: ReconcileCountersDependencies,
  claimable: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { database, counters, nowMs, log } = dependencies;
  let after: CouponPlace | undefined;
  while (!signal.aborted) {
    const coupons = await listCouponsLeft(database, { at: new Date(nowMs()), claimable, after, limit: PAGE });
    const found = await counters.rebuild(coupons);
    const goneCount = found.filter(({ wasGone }) => wasGone).length;
    if (goneCount > 0) log.info('coupon_counters_rebuilt', { goneCount });
    for (const [index, coupon] of coupons.entries()) {
      if (found[index]?.isListingDue === true) await publishHolders(dependencies, coupon, signal);
    }
    if (coupons.length < PAGE) return;
    after = coupons.at(-1);
  }
}
