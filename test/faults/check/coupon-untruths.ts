import type { FailLine, InvokeLine, Requests } from '../history/history-line.ts';
import { requestedFields } from './coupon-versions.ts';
import type { Facts } from './facts.ts';
import { acknowledgedOf, nameOf } from './operations.ts';
import { type Span, termsWithin } from './product-terms.ts';
import { possibleSubtotals, type Problem } from './refusal-untruths.ts';
import { fixedFields } from './coupon-edits.ts';
import { wallClock } from './wall-clock.ts';

/**
 * Maximum age of the definition that a process refuses claims by: one second, and slack for a slow machine.
 */
const CLAIM_MEMORY_MS = 1500;

/** Each function says why a refusal about a coupon cannot have been true, and is undefined if it can. */
export function couponUntruth(
  facts: Facts,
  invoke: InvokeLine,
  span: Span,
  problem: Problem,
): string | undefined {
  const { state, couponVersions, ordersById } = facts;
  const { couponId, userCouponId, items } = invoke.request as {
    readonly couponId?: string;
    readonly userCouponId?: string;
    readonly items?: Requests['order']['items'];
  };
  const inHand = state.userCoupons.find((each) => each.userCouponId === userCouponId);
  if (problem.reason === 'not_found') {
    return inHand?.userId === invoke.user ? 'the user has this coupon' : undefined;
  }
  const versions = termsWithin(
    couponVersions.get(couponId ?? inHand?.couponId ?? ''),
    invoke.kind === 'claim-coupon' ? remembered(span) : span,
  );
  if (versions.length === 0) return `there is no such coupon, which is not ${String(problem.reason)}`;
  const all = versions.map(({ terms }) => terms);
  const said = JSON.stringify(versions);
  const clock = wallClock(facts);
  switch (problem.reason) {
    case 'used': {
      const others = [...ordersById.values()].filter((order) => order.userCouponId === userCouponId);
      return others.length > 0 ? undefined : 'no order has ever used it';
    }
    case 'stopped':
      return versions.some(({ status }) => status === 'STOPPED') ? undefined : `it was ${said}`;
    case 'not_yet_valid':
      return all.some(({ validFromMs }) =>
        clock.isWithin(validFromMs, { fromMs: span.fromMs, toMs: Infinity }),
      )
        ? undefined
        : `it was ${said}`;
    case 'expired':
      return all.some(({ validUntilMs }) =>
        clock.isWithin(validUntilMs, { fromMs: -Infinity, toMs: span.toMs }),
      )
        ? undefined
        : `it was ${said}`;
    case 'below_minimum': {
      const minimums = all.map(({ minimumOrderKrw }) => minimumOrderKrw);
      if (!minimums.includes(Number(problem.minimumOrder))) return `its minimum was ${minimums.join(' or ')}`;
      const subtotals = items && possibleSubtotals(facts, items, span);
      if (subtotals === undefined) return undefined;
      return [...subtotals].some((sum) => sum < Number(problem.minimumOrder))
        ? undefined
        : 'the order reached its minimum';
    }
    default:
      return `nobody knows the reason ${String(problem.reason)}`;
  }
}

function remembered({ fromMs, toMs }: Span): Span {
  return { fromMs: fromMs - CLAIM_MEMORY_MS, toMs };
}

/** Coupons are never taken back, so the holders of a sold-out coupon had all claimed it before the answer. */
export function soldOutUntruth(
  facts: Facts,
  { request, atMs: fromMs }: InvokeLine,
  { atMs }: FailLine,
): string | undefined {
  const { couponId } = request as Requests['claim-coupon'];
  const versions = termsWithin(facts.couponVersions.get(couponId), remembered({ fromMs, toMs: atMs }));
  const quantity = Math.min(...versions.map((version) => version.quantity));
  const most = issuedBetween(facts, couponId, { fromMs, toMs: atMs }).most;
  return versions.length === 0 || most >= quantity ? undefined : `at most ${most} of ${quantity} were issued`;
}

/** An edit is refused if it changes fixed terms or leaves fewer coupons than are issued. */
export function couponEditUntruth(
  facts: Facts,
  invoke: InvokeLine,
  span: Span,
  problem: Problem,
): string | undefined {
  const { couponId } = invoke.request as Requests['edit-coupon'];
  const issued = issuedBetween(facts, couponId, span);
  const asked = requestedFields(invoke);
  if (issued.most === 0) return 'none was issued';
  if (problem.reason === 'quantity_below_issued') {
    const told = Number(problem.issued);
    if (told < issued.least || told > issued.most) {
      return `between ${issued.least} and ${issued.most} were issued`;
    }
    return asked.quantity < told ? undefined : `${asked.quantity} are enough`;
  }
  if (problem.reason !== 'terms_fixed') return `nobody knows the reason ${String(problem.reason)}`;
  const told = JSON.stringify(problem.fields);
  const before = termsWithin(facts.couponVersions.get(couponId), span);
  const could = before.map(({ terms }) => JSON.stringify(fixedFields(terms, asked.terms)));
  return could.includes(told) ? undefined : `${could.join(' or ')} would have changed`;
}

/** Bounds for the number of issued coupons in a span: certain at its start, and possible at its end. */
export function issuedBetween(
  { begin, state, operations }: Facts,
  couponId: string,
  { fromMs, toMs }: Span,
): { readonly least: number; readonly most: number } {
  const earlier = begin.shop.coupons.find((coupon) => coupon.couponId === couponId)?.issuedCount ?? 0;
  const claims = state.userCoupons
    .filter((row) => row.couponId === couponId)
    .flatMap((row) => operations.get(nameOf('claim-coupon', row.userId, couponId)) ?? []);
  const least = claims.filter((claim) =>
    acknowledgedOf(claim).some(({ answer }) => answer.atMs < fromMs),
  ).length;
  const most = claims.filter(({ attempts }) => attempts.some(({ invoke }) => invoke.atMs < toMs)).length;
  return { least: earlier + least, most: earlier + most };
}
