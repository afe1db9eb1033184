import type { InvokeLine, ProductTerms, Requests } from '../history/history-line.ts';
import type { Facts } from './facts.ts';
import { keptBound, type Span, termsWithin } from './product-terms.ts';
import type { Problem } from './refusal-untruths.ts';
import { wallClock } from './wall-clock.ts';

type SaleWindow = Pick<ProductTerms, 'saleFrom' | 'saleUntil'>;

/** A sale includes its first moment and excludes its last one; an absent bound is none. */
export function isOpenAt({ saleFrom, saleUntil }: SaleWindow, wallMs: number): boolean {
  const [fromMs, untilMs] = [msOf(saleFrom) ?? -Infinity, msOf(saleUntil) ?? Infinity];
  return fromMs <= wallMs && wallMs < untilMs;
}

/**
 * Why a `sale_not_open` cannot have been true: its product must have had that bound during the request, and
 * the bound must have been in the future, or in the past. The clocks may differ by the tolerance of the run.
 */
export function saleUntruth(
  facts: Facts,
  { request }: InvokeLine,
  span: Span,
  { productId, reason, saleFrom, saleUntil }: Problem,
): string | undefined {
  const { items } = request as Requests['order'];
  if (items !== undefined && items.every((item) => item.productId !== productId))
    return 'the order has no such product';
  const terms = termsWithin(facts.productTerms.get(String(productId)), span);
  const onSale = terms.filter(({ status }) => status === 'ACTIVE');
  const clock = wallClock(facts);
  const said = JSON.stringify(terms);
  switch (reason) {
    case 'not_started': {
      const isSo = onSale.some((each) => each.saleFrom !== null && each.saleFrom === saleFrom);
      const after = { fromMs: span.fromMs, toMs: Infinity };
      return isSo && clock.isWithin(Date.parse(String(saleFrom)), after) ? undefined : `it was ${said}`;
    }
    case 'ended': {
      const isSo = onSale.some((each) => each.saleUntil !== null && each.saleUntil === saleUntil);
      const before = { fromMs: -Infinity, toMs: span.toMs };
      return isSo && clock.isWithin(Date.parse(String(saleUntil)), before) ? undefined : `it was ${said}`;
    }
    default:
      return `the reason ${String(reason)} is unknown`;
  }
}

/** An edit is refused for its window only if a bound that it kept makes the window empty. */
export function emptyWindowUntruth(
  { productTerms }: Facts,
  { request }: InvokeLine,
  span: Span,
): string | undefined {
  const { productId, saleFrom, saleUntil, version } = request as Requests['edit-product'];
  const named = (productTerms.get(productId) ?? []).filter((each) => each.version === version);
  const windows = termsWithin(named, span).map((before) => {
    return [msOf(keptBound(saleFrom, before.saleFrom)), msOf(keptBound(saleUntil, before.saleUntil))];
  });
  const isEmpty = windows.some(([fromMs, untilMs]) => (fromMs ?? -Infinity) >= (untilMs ?? Infinity));
  return isEmpty ? undefined : `the windows were ${JSON.stringify(windows)}`;
}

function msOf(bound: string | null): number | undefined {
  return bound === null ? undefined : Date.parse(bound);
}
