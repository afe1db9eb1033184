import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { nameOf, spanOf } from '../operations.ts';
import { orderSpan } from '../order-span.ts';
import { wallClock } from '../wall-clock.ts';

/**
 * An order was placed, and a coupon issued, between question and answer, and a coupon within its time. While the clock of
 * a process was wrong, by its clock.
 */
export function timesTrue(facts: Facts): Finding[] {
  const { state, operations, couponTerms, begin } = facts;
  const clock = wallClock(facts);
  const orders = state.orders.flatMap((order): Finding[] => {
    const isEarlier = !operations.has(nameOf('order', order.userId, order.key));
    if (isEarlier || clock.isWithin(order.createdAtMs, orderSpan(facts, order))) return [];
    return [{ detail: `order ${order.orderId} was placed at ${order.createdAtMs}, which is not when` }];
  });
  const coupons = state.userCoupons.flatMap(({ userCouponId, couponId, userId, issuedAtMs }): Finding[] => {
    if (issuedAtMs < begin.wallMs - clock.errorMs) return [];
    const terms = couponTerms.get(couponId);
    const claim = operations.get(nameOf('claim-coupon', userId, couponId));
    const wrong: string[] = [];
    if (terms && (issuedAtMs < terms.validFromMs || issuedAtMs >= terms.validUntilMs)) {
      wrong.push(`it is issued from ${terms.validFromMs} until ${terms.validUntilMs}`);
    }
    if (claim && !clock.isWithin(issuedAtMs, spanOf(claim))) wrong.push('that is not when it was claimed');
    return wrong.map((detail) => ({
      detail: `coupon ${userCouponId} was issued at ${issuedAtMs}; ${detail}`,
    }));
  });
  return [...orders, ...coupons];
}
