import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/**
 * The count of issued coupons equals the coupons issued. It never exceeds the quantity, and each user has at
 * most one. Used coupons are exactly those of orders that are not cancelled, and each belongs to the user who
 * ordered.
 */
export function couponsAddUp({ state, ordersById }: Facts): Finding[] {
  const details: string[] = [];
  const byCoupon = Map.groupBy(state.userCoupons, ({ couponId }) => couponId);
  for (const { couponId, quantity, issuedCount } of state.coupons) {
    const held = byCoupon.get(couponId) ?? [];
    const holders = new Set(held.map(({ userId }) => userId)).size;
    if (held.length !== issuedCount)
      details.push(`coupon ${couponId}: ${held.length} issued, ${issuedCount} counted`);
    if (held.length > quantity) details.push(`coupon ${couponId}: ${held.length} issued of ${quantity}`);
    if (holders !== held.length)
      details.push(`coupon ${couponId}: ${held.length} issued to ${holders} users`);
  }
  for (const { userCouponId, userId, status, orderId } of state.userCoupons) {
    const order = orderId === null ? undefined : ordersById.get(orderId);
    const isInUse =
      order?.status === 'COMPLETED' && order.userCouponId === userCouponId && order.userId === userId;
    if (isInUse !== (status === 'USED')) {
      details.push(
        `a user's coupon ${userCouponId} is ${status}, its order is ${orderId} ${order?.status ?? ''}`,
      );
    }
  }
  const usedIn = new Map(state.userCoupons.map(({ userCouponId, orderId }) => [userCouponId, orderId]));
  for (const { orderId, userCouponId, status } of state.orders) {
    if (userCouponId === null || status === 'CANCELLED' || usedIn.get(userCouponId) === orderId) continue;
    details.push(`order ${orderId} has the user's coupon ${userCouponId}, which is not used in it`);
  }
  return details.map((detail) => ({ detail }));
}
