/** What is known about the time in which a product is sold. */
export interface SaleTimes {
  readonly saleFrom?: string | null | undefined;
  readonly saleUntil?: string | null | undefined;
}

export type SaleState =
  /** Sold at any time. */
  | { readonly code: 'always' }
  | { readonly code: 'before'; readonly startsInMs: number }
  | { readonly code: 'open'; readonly endsInMs: number | undefined }
  | { readonly code: 'over' };

/** Where a sale stands. The shop decides by its own clock; this is what the page counts down to. */
export function saleStateOf({ saleFrom, saleUntil }: SaleTimes, nowMs: number): SaleState {
  if (!saleFrom && !saleUntil) return { code: 'always' };
  const startsInMs = saleFrom ? Date.parse(saleFrom) - nowMs : 0;
  if (startsInMs > 0) return { code: 'before', startsInMs };
  const endsInMs = saleUntil ? Date.parse(saleUntil) - nowMs : undefined;
  if (endsInMs !== undefined && endsInMs <= 0) return { code: 'over' };
  return { code: 'open', endsInMs };
}
