/** Delays between attempts at work that keeps failing. */
export interface BackOff {
  /** Upper bound of the delay after the first failure. Doubles with each further failure. */
  readonly firstMs: number;
  /** Upper bound of every delay. */
  readonly maxMs: number;
  /** Added to every delay; 0 by default. */
  readonly leastMs?: number;
}

/** Doublings beyond this one change nothing for any maxMs in use, and would overflow. */
const DOUBLINGS_MAX = 20;

/** Returns the upper bound of the delay, in ms, after `failures` in a row; 0 without a failure. */
export function backOffMaxMs({ firstMs, maxMs, leastMs = 0 }: BackOff, failures: number): number {
  if (failures === 0) return 0;
  return leastMs + Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX));
}

/**
 * Returns a delay in ms with full jitter: any delay up to the bound is equally likely, so that processes that
 * failed together do not retry together.
 *
 * @param random a number in [0, 1).
 */
export function backOffMs(backOff: BackOff, failures: number, random: () => number): number {
  if (failures === 0) return 0;
  const { leastMs = 0 } = backOff;
  return leastMs + random() * (backOffMaxMs(backOff, failures) - leastMs);
}
