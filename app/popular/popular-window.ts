const HOUR_MS = 60 * 60 * 1000;
const WINDOW_HOURS = 72;

export interface PopularWindow {
  /** First and last hour bucket, both inclusive. */
  readonly hours: { readonly from: Date; readonly to: Date };
  /** The time that these buckets cover: `from` inclusive, `to` exclusive. */
  readonly from: Date;
  readonly to: Date;
}

/** The 72 hour buckets (UTC) that end with the current one. */
export function popularWindow(nowMs: number): PopularWindow {
  const lastMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const firstMs = lastMs - (WINDOW_HOURS - 1) * HOUR_MS;
  return {
    hours: { from: new Date(firstMs), to: new Date(lastMs) },
    from: new Date(firstMs),
    to: new Date(lastMs + HOUR_MS),
  };
}
