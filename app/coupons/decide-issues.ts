import type { Coupon } from './coupon.ts';

/**
 * Decides who gets a coupon, from the rows that were read under the coupons' locks. Pure. Claims are decided
 * in order of arrival, each against what the claims before it have left. Each gets exactly one result. If
 * several apply, the first in this table wins:
 *
 * | precedence | result                  | when                                                            |
 * |-----------:|-------------------------|-----------------------------------------------------------------|
 * | 1          | `coupon_not_found`      | the coupon does not exist                                       |
 * | 2          | `issued`                | an earlier run of the same claim was committed after all        |
 * | 3          | `coupon_not_usable`     | the coupon is stopped, has not started or has ended             |
 * | 4          | `coupon_already_issued` | the user has one, including from an earlier claim of this group |
 * | 5          | `coupon_sold_out`       | the whole quantity is issued                                    |
 * | 6          | `issued`                | none of the above                                               |
 */
export function decideIssues(
  snapshot: IssueSnapshot,
  claims: readonly CouponClaim[],
): { readonly results: readonly IssueResult[]; readonly issued: readonly IssuedCoupon[] } {
  const issuedCounts = new Map([...snapshot.coupons].map(([id, { issuedCount }]) => [id, issuedCount]));
  const held = new Map(snapshot.held);
  const issued: IssuedCoupon[] = [];
  const results = claims.map((claim): IssueResult => {
    const coupon = snapshot.coupons.get(claim.couponId);
    if (coupon === undefined) return { code: 'coupon_not_found' };
    const issuedCount = issuedCounts.get(claim.couponId) ?? 0;
    const holding = held.get(holderKey(claim));
    if (holding !== undefined && holding.userCouponId === claim.userCouponId) {
      return { code: 'issued', issued: holding, left: coupon.quantity - issuedCount };
    }
    const { at } = snapshot;
    if (coupon.stoppedAt !== undefined) return { code: 'coupon_not_usable', reason: 'stopped' };
    if (at < coupon.terms.validFrom) return { code: 'coupon_not_usable', reason: 'not_yet_valid' };
    if (at >= coupon.terms.validUntil) return { code: 'coupon_not_usable', reason: 'expired' };
    if (holding !== undefined) return { code: 'coupon_already_issued', userCouponId: holding.userCouponId };
    if (issuedCount >= coupon.quantity) return { code: 'coupon_sold_out' };
    const { userCouponId, couponId, userId } = claim;
    const given: IssuedCoupon = { userCouponId, couponId, userId, issuedAt: at };
    issued.push(given);
    held.set(holderKey(claim), given);
    issuedCounts.set(couponId, issuedCount + 1);
    return { code: 'issued', issued: given, left: coupon.quantity - issuedCount - 1 };
  });
  return { results, issued };
}

export interface CouponClaim {
  /** The id that the user's coupon gets. Created once per claim, it identifies a second run of the claim. */
  readonly userCouponId: string;
  readonly couponId: string;
  readonly userId: string;
}

export interface IssuedCoupon extends CouponClaim {
  readonly issuedAt: Date;
}

/** The rows that were read under the locks. */
export interface IssueSnapshot {
  readonly coupons: ReadonlyMap<string, Pick<Coupon, 'terms' | 'quantity' | 'issuedCount' | 'stoppedAt'>>;
  /** Coupons that users of these claims already have, keyed by `holderKey`. */
  readonly held: ReadonlyMap<string, IssuedCoupon>;
  readonly at: Date;
}

export type IssueResult =
  | {
      readonly code: 'issued';
      readonly issued: IssuedCoupon;
      /** Coupons left afterwards. */
      readonly left: number;
    }
  | { readonly code: 'coupon_already_issued'; readonly userCouponId: string }
  | { readonly code: 'coupon_not_usable'; readonly reason: 'stopped' | 'not_yet_valid' | 'expired' }
  | { readonly code: 'coupon_not_found' | 'coupon_sold_out' };

export function holderKey({ couponId, userId }: Pick<CouponClaim, 'couponId' | 'userId'>): string {
  return `${couponId} ${userId}`;
}
