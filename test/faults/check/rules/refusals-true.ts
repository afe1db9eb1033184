import type { Finding } from '../check-history.ts';
import type { FailLine, InvokeLine, Requests } from '../../history/history-line.ts';
import type { Facts } from '../facts.ts';
import { couponEditUntruth, couponUntruth, soldOutUntruth } from '../coupon-untruths.ts';
import { acknowledgedOf, nameOf } from '../operations.ts';
import {
  knownProductUntruth,
  limitUntruth,
  neverWas,
  preconditionUntruth,
  shortageUntruth,
  totalUntruth,
} from '../refusal-untruths.ts';
import { emptyWindowUntruth, saleUntruth } from '../sale-window.ts';
import { wallClock } from '../wall-clock.ts';

/**
 * A refusal is true:
 * - the stock or balance that it reports was so at some moment between request and answer;
 * - a coupon reported sold out is sold out, and a coupon reported as already issued is issued;
 * - a thing acknowledged before is not reported unknown.
 */
export function refusalsTrue(facts: Facts): Finding[] {
  return [...facts.operations.values()].flatMap(({ name: key, attempts }) =>
    attempts.flatMap(({ invoke, answer }): Finding[] => {
      if (answer?.type !== 'fail') return [];
      const detail = untruth(facts, invoke, answer);
      return detail === undefined ? [] : [{ key, detail: `refused with ${answer.code}, but ${detail}` }];
    }),
  );
}

function untruth(facts: Facts, invoke: InvokeLine, answer: FailLine): string | undefined {
  const problem = (answer.response ?? {}) as Record<string, unknown>;
  const span = { fromMs: invoke.atMs, toMs: answer.atMs };
  switch (answer.code) {
    case 'out_of_stock':
      return (
        neverWas(facts.stockChains.get(String(problem.productId)), span, problem.available, 'the stock') ??
        shortageUntruth(invoke, problem)
      );
    case 'insufficient_balance':
      return (
        neverWas(facts.balanceChains.get(invoke.user), span, problem.balance, 'the balance') ??
        (Number(problem.balance) >= Number(problem.total) ? 'that covers the total' : undefined) ??
        totalUntruth(facts, invoke, span, problem.total)
      );
    case 'purchase_limit_exceeded':
      return limitUntruth(facts, invoke, span, problem);
    case 'price_changed':
      return (invoke.request as Requests['order']).expectedTotal === problem.total
        ? 'that is the total that was expected'
        : totalUntruth(facts, invoke, span, problem.total);
    case 'product_not_found':
      return knownProductUntruth(facts, invoke, span, problem);
    case 'sale_not_open':
      return saleUntruth(facts, invoke, span, problem);
    case 'sale_window_empty':
      return emptyWindowUntruth(facts, invoke, span);
    case 'precondition_failed':
      return preconditionUntruth(facts, invoke, span);
    case 'coupon_not_usable':
      return couponUntruth(facts, invoke, span, problem);
    case 'coupon_not_found': {
      const { couponId } = invoke.request as Requests['claim-coupon'];
      return facts.couponVersions.has(couponId) ? 'there is such a coupon' : undefined;
    }
    case 'coupon_sold_out':
      return soldOutUntruth(facts, invoke, answer);
    case 'coupon_already_issued':
      return facts.state.userCoupons.some(
        ({ userCouponId, userId }) => userCouponId === problem.userCouponId && userId === invoke.user,
      )
        ? undefined
        : `the user has no coupon ${String(problem.userCouponId)}`;
    case 'coupon_not_editable':
      return couponEditUntruth(facts, invoke, span, problem);
    case 'order_not_cancellable':
      return cancellationUntruth(facts, invoke, answer, problem);
    case 'order_not_found':
      return orderKnownBefore(facts, invoke) ? 'it had been acknowledged before' : undefined;
    default:
      return undefined;
  }
}

/** A customer may cancel within the window; an admin may cancel at any time. */
function cancellationUntruth(
  facts: Facts,
  { kind, request }: InvokeLine,
  { atMs: toMs }: FailLine,
  { reason, cancellableUntil }: Record<string, unknown>,
): string | undefined {
  const order = facts.ordersById.get((request as Requests['cancel']).orderId);
  if (order === undefined) return 'there is no such order';
  if (reason === 'already_cancelled') {
    return order.status === 'COMPLETED' ? 'it has never been cancelled' : undefined;
  }
  if (reason !== 'window_over') return `nobody knows the reason ${String(reason)}`;
  if (kind === 'admin-cancel') return 'admins may cancel at any time';
  const untilMs = order.createdAtMs + facts.begin.shop.cancelWindowMs;
  if (Date.parse(String(cancellableUntil)) !== untilMs) return `that was possible until ${untilMs}`;
  return wallClock(facts).isWithin(untilMs, { fromMs: -Infinity, toMs })
    ? undefined
    : `the window was open until ${untilMs}`;
}

function orderKnownBefore({ ordersById, operations }: Facts, invoke: InvokeLine): boolean {
  const order = ordersById.get((invoke.request as Requests['cancel']).orderId);
  if (order === undefined || (invoke.kind !== 'admin-cancel' && order.userId !== invoke.user)) return false;
  const placed = operations.get(nameOf('order', order.userId, order.key));
  return placed !== undefined && acknowledgedOf(placed).some(({ answer }) => answer.atMs < invoke.atMs);
}
