import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { nameOf, refundName, spanOf } from '../operations.ts';
import { orderSpan } from '../order-span.ts';
import { termsWithin } from '../product-terms.ts';
import { wallClock } from '../wall-clock.ts';

/**
 * An order was placed or cancelled, and a coupon issued, between request and answer. A coupon was issued
 * within its window and not while it was stopped. A customer cancelled within the cancellation window. The
 * check allows for faults of the clocks.
 */
export function timesTrue(facts: Facts): Finding[] {
  const { state, operations, couponVersions, begin } = facts;
  const clock = wallClock(facts);
  const orders = state.orders.flatMap((order): Finding[] => {
    const isEarlier = !operations.has(nameOf('order', order.userId, order.key));
    if (isEarlier || clock.isWithin(order.createdAtMs, orderSpan(facts, order))) return [];
    return [{ detail: `order ${order.orderId} was placed at ${order.createdAtMs}, which is not when` }];
  });
  const coupons = state.userCoupons.flatMap(({ userCouponId, couponId, userId, issuedAtMs }): Finding[] => {
    if (issuedAtMs < begin.wallMs - clock.errorMs) return [];
    const claim = operations.get(nameOf('claim-coupon', userId, couponId));
    const wrong: string[] = [];
    const versions = termsWithin(couponVersions.get(couponId), claim ? spanOf(claim) : ANY_TIME);
    const isOpen = versions.some(
      ({ status, terms }) =>
        status === 'ACTIVE' && issuedAtMs >= terms.validFromMs && issuedAtMs < terms.validUntilMs,
    );
    if (!isOpen && couponVersions.has(couponId)) {
      wrong.push(`then it could not be had: ${JSON.stringify(versions)}`);
    }
    if (claim && !clock.isWithin(issuedAtMs, spanOf(claim))) wrong.push('that is not when it was claimed');
    return wrong.map((detail) => ({
      detail: `coupon ${userCouponId} was issued at ${issuedAtMs}; ${detail}`,
    }));
  });
  return [...orders, ...lateCancellations(facts), ...coupons];
}

const ANY_TIME = { fromMs: -Infinity, toMs: Infinity };

function lateCancellations(facts: Facts): Finding[] {
  const { begin, operations, ordersById, state } = facts;
  const clock = wallClock(facts);
  return state.walletEntries.flatMap((entry): Finding[] => {
    const order = ordersById.get(entry.orderId ?? '');
    const operation = operations.get(refundName(entry));
    if (entry.kind !== 'REFUND' || order === undefined || operation === undefined) return [];
    const { orderId, createdAtMs, cancelledAtMs } = order;
    if (cancelledAtMs === null) return [{ detail: `order ${orderId} was refunded and never cancelled` }];
    const wrong: string[] = [];
    const untilMs = createdAtMs + begin.shop.cancelWindowMs;
    if (operation.kind === 'cancel' && cancelledAtMs >= untilMs) {
      wrong.push(`its customer could do that until ${untilMs}`);
    }
    if (!clock.isWithin(cancelledAtMs, spanOf(operation))) wrong.push('that is not when');
    return wrong.map((detail) => ({
      detail: `order ${orderId} was cancelled at ${cancelledAtMs}; ${detail}`,
    }));
  });
}
