import type { InvokeLine, Requests } from '../history/history-line.ts';
import { type Chain, placesWithin, valueAt } from './chains.ts';
import type { Facts } from './facts.ts';
import { discountOf, subtotalsOf, unitsByProduct } from './price-model.ts';
import { type Span, termsWithin } from './product-terms.ts';
import { heldAfter } from './units-held.ts';

/**
 * Each function returns why the statement of a refusal cannot have been true between request and answer;
 * undefined when it can have been true.
 */
export type Problem = Readonly<Record<string, unknown>>;

export function neverWas(
  chain: Chain | undefined,
  span: Span,
  value: unknown,
  what: string,
): string | undefined {
  if (chain === undefined || typeof value !== 'number') return `it does not say what ${what} was`;
  const { from, to } = placesWithin(chain, span);
  for (let seq = from; seq <= to; seq += 1) if (valueAt(chain, seq) === value) return undefined;
  return `${what} was never ${value} between seq ${from} and ${to}`;
}

/**
 * A shortage is true only if the units requested of the product, summed over all lines, exceed the units
 * left.
 */
export function shortageUntruth({ kind, request }: InvokeLine, problem: Problem): string | undefined {
  const { productId, requested, available } = problem;
  const asked = kind === 'adjust-stock' ? -request.delta : unitsAsked(request, productId);
  if (asked !== undefined && asked !== requested) return `${String(requested)} were requested, not ${asked}`;
  return Number(requested) > Number(available) ? undefined : 'that is enough';
}

/** Undefined for an order from the cart: the request does not contain the items. */
function unitsAsked(request: InvokeLine['request'], productId: unknown): number | undefined {
  const { items } = request as Requests['order'];
  return items && (unitsByProduct(items).get(String(productId)) ?? 0);
}

export function limitUntruth(
  { productTerms, balanceChains, held }: Facts,
  { user, request }: InvokeLine,
  span: Span,
  problem: Problem,
): string | undefined {
  const productId = String(problem.productId);
  const limits = termsWithin(productTerms.get(productId), span).map(({ purchaseLimit }) => purchaseLimit);
  if (!limits.includes(problem.limit as number)) return `its limits were ${limits.join(' or ')}`;
  const { from, to } = placesWithin(balanceChains.get(user) ?? [], span);
  const places = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const had = new Set(places.map((seq) => heldAfter(held.get(user), seq, productId)));
  if (!had.has(Number(problem.held))) return `the customer held ${[...had].join(' or ')}`;
  const asked = unitsAsked(request, productId);
  if (asked === undefined || Number(problem.held) + asked > Number(problem.limit)) return undefined;
  return `${asked} more are within the limit`;
}

/**
 * The total in a refusal must be what the order would have cost, at prices that its products had, less its
 * coupon.
 */
export function totalUntruth(
  facts: Facts,
  invoke: InvokeLine,
  span: Span,
  total: unknown,
): string | undefined {
  const { items, userCouponId } = invoke.request as Requests['order'];
  const subtotals = items && possibleSubtotals(facts, items, span);
  if (subtotals === undefined) return undefined;
  const coupons = userCouponId === undefined ? [undefined] : versionsOfUserCoupon(facts, userCouponId, span);
  const totals = [...subtotals].flatMap((sum) =>
    coupons.map((coupon) => sum - (coupon === undefined ? 0 : discountOf(coupon.terms, sum))),
  );
  return totals.includes(Number(total)) ? undefined : `the total was ${totals.slice(0, 5).join(' or ')}`;
}

export function possibleSubtotals(
  { productTerms }: Facts,
  items: NonNullable<Requests['order']['items']>,
  span: Span,
): ReadonlySet<number> | undefined {
  return subtotalsOf(unitsByProduct(items), (productId) => [
    ...new Set(
      termsWithin(productTerms.get(productId), span)
        .filter(({ status }) => status === 'ACTIVE')
        .map(({ priceKrw }) => priceKrw),
    ),
  ]);
}

function versionsOfUserCoupon({ state, couponVersions }: Facts, userCouponId: string, span: Span) {
  const coupon = state.userCoupons.find((each) => each.userCouponId === userCouponId);
  return termsWithin(coupon && couponVersions.get(coupon.couponId), span);
}

/** Orders and carts find only products on sale; admins find all products. */
export function knownProductUntruth(
  { productTerms }: Facts,
  { kind, request }: InvokeLine,
  span: Span,
  problem: Problem,
): string | undefined {
  const asked = request as { readonly productId?: string; readonly items?: Requests['order']['items'] };
  const productId = asked.productId ?? String(problem.productId);
  if (asked.items !== undefined && !unitsByProduct(asked.items).has(productId)) return 'nobody asked for it';
  const terms = termsWithin(productTerms.get(productId), span);
  const isHidden = kind !== 'adjust-stock' && kind !== 'edit-product' && kind !== 'read-product';
  const isKnown = isHidden ? terms.some(({ status }) => status === 'ACTIVE') : terms.length > 0;
  const isGone = isHidden && terms.some(({ status }) => status === 'INACTIVE');
  return isKnown && !isGone ? `product ${productId} was there` : undefined;
}

/** The version that an edit names must no longer be the last one. */
export function preconditionUntruth(
  { productTerms, couponVersions }: Facts,
  { request }: InvokeLine,
  span: Span,
): string | undefined {
  const { productId, couponId, version } = request as Partial<
    Requests['edit-product'] & Requests['edit-coupon']
  >;
  const versions = productTerms.get(productId ?? '') ?? couponVersions.get(couponId ?? '') ?? [];
  const next = versions.find((each) => each.version === Number(version) + 1);
  return next !== undefined && next.fromMs <= span.toMs ? undefined : `version ${version} was the last one`;
}
