/** The list of best sellers: what is ranked, kept in Redis and answered. */
export interface PopularList {
  readonly data: readonly PopularProduct[];
  readonly window: { readonly from: string; readonly to: string };
  readonly generatedAt: string;
}

export interface PopularProduct {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly units: number;
  readonly revenue: number;
}

/** Entries of the list; an answer has as many of them as were asked for. */
export const POPULAR_MAX = 20;
/** A list is good for this long after it was made. */
export const POPULAR_TTL_S = 60;
/** And better than none for this long. */
export const POPULAR_STALE_TTL_S = 600;
