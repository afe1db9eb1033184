import type { Database } from '../platform/mysql/database.ts';
import type { CouponCounters, CouponKey } from './coupon-counters.ts';
import { findCoupon } from './coupon-sql.ts';
import { listHolders } from './user-coupon-sql.ts';

export interface PublishHoldersDependencies {
  readonly database: Pick<Database, 'read'>;
  readonly counters: CouponCounters;
  readonly newId: () => string;
}

/** Holders per round trip. */
const PAGE = 500;

/**
 * Lists the holders of a sold-out coupon in Redis, which then rejects everybody else without MySQL. Does
 * nothing while MySQL has some left. Two processes may do this at once.
 *
 * The list is complete: issued coupons are never taken back, and once all of a version are issued, only an
 * edit, which makes a new version, can lead to more holders. The list counts for this version alone.
 *
 * Throws OperationalError.
 */
export async function publishHolders(
  { database, counters, newId }: PublishHoldersDependencies,
  { couponId, version, validUntil }: CouponKey,
  signal?: AbortSignal,
): Promise<void> {
  const coupon = await findCoupon(database, couponId);
  if (coupon?.version !== version || coupon.issuedCount < coupon.quantity) return;
  const draft = { couponId, version, validUntil, draftId: newId() };
  let count = 0;
  let page: string[] = [];
  do {
    page = await listHolders(database, { couponId, afterUserId: page.at(-1), limit: PAGE });
    if (page.length > 0) await counters.addHolders(draft, page);
    count += page.length;
    if (signal?.aborted) return;
  } while (page.length === PAGE);
  // After a failover of MySQL, a connection may still lead to an outdated server.
  if (count >= coupon.issuedCount) await counters.publishHolders(draft, count);
}
