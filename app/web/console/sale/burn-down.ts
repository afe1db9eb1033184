/** Stock of a product at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly stock: number;
}

export interface BurnDown {
  readonly samples: readonly Sample[];
  /** Units that were there at first, and those added since. */
  readonly units: number;
  /** Units added since the first sample. */
  readonly raised: number;
  /** Units that left while it was watched; restocks between two samples hide as many sales. */
  readonly sold: number;
}

/** Samples kept: an hour at one a second. */
const SAMPLES_MAX = 3600;
const RATE_WINDOW_MS = 5000;

export const nothingWatched: BurnDown = { samples: [], units: 0, raised: 0, sold: 0 };

export function watched(before: BurnDown, sample: Sample): BurnDown {
  const last = before.samples.at(-1);
  if (last === undefined) return { samples: [sample], units: sample.stock, raised: 0, sold: 0 };
  const change = sample.stock - last.stock;
  const samples = [...before.samples, sample].slice(-SAMPLES_MAX);
  return change > 0
    ? { ...before, samples, units: before.units + change, raised: before.raised + change }
    : { ...before, samples, sold: before.sold - change };
}

/** Units per second over the last five seconds; undefined before there are as many. */
export function rateOf({ samples }: BurnDown): number | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const first = samples.findLast(({ atMs }) => last.atMs - atMs >= RATE_WINDOW_MS);
  if (first === undefined) return undefined;
  return Math.max(0, ((first.stock - last.stock) * 1000) / (last.atMs - first.atMs));
}

/** How long after the first sample the stock reached zero, if it began above. */
export function soldOutAfterMs({ samples }: BurnDown): number | undefined {
  const [first] = samples;
  if (first === undefined || first.stock === 0 || samples.at(-1)?.stock !== 0) return undefined;
  const lastLeft = samples.findLastIndex(({ stock }) => stock > 0);
  const end = samples[lastLeft + 1];
  return end === undefined ? undefined : end.atMs - first.atMs;
}
