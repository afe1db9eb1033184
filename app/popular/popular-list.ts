/** The list of best sellers, as ranked, cached in Redis and returned to clients. */
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

/** Entries of the list; a reply contains as many of them as the client requests. */
export const POPULAR_MAX = 20;
/** A list is fresh for this long after it was built. */
export const POPULAR_TTL_S = 60;
/** A stale list may be returned for this long after it was built. */
export const POPULAR_STALE_TTL_S = 600;
