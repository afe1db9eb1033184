import type { Coupon } from './coupon.ts';
import { adminCouponReply } from './coupon-reply.ts';

/** What an admin sets of a coupon, by the names of the API: for the trail of admin actions. */
export function couponFields(coupon: Coupon) {
  const { name, discount, minimumOrder, validFrom, validUntil, quantity, status } = adminCouponReply(coupon);
  return { name, discount, minimumOrder, validFrom, validUntil, quantity, status };
}
