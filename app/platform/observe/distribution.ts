import { createHistogram } from 'node:perf_hooks';

/** Precision: values up to 254 are exact, larger ones within 1 %. */
const FIGURES = 2;
const VALUE_MAX = 2 ** 31;

export interface Distribution {
  /**
   * Counts a value. Drops a fraction, and counts values outside 0 to 2^31 as the nearer bound: a duration is
   * negative when the clock was set back meanwhile. Never throws. 30 ns.
   */
  record(value: number): void;
  /**
   * Returns at most `count` values that represent all those recorded since the last call: evenly spaced
   * ranks, the last of which is the maximum. Empty when no value was recorded.
   */
  take(count: number): number[];
}

/** Counts values in constant memory (32 KB), however many there are. */
export function createDistribution(): Distribution {
  // Histograms begin at 1, so each value is counted as one more.
  const histogram = createHistogram({ lowest: 1, highest: VALUE_MAX + 1, figures: FIGURES });
  // Exact, unlike the histogram's own.
  let max = 0;
  return {
    record: (value) => {
      const counted = Math.trunc(Math.max(0, Math.min(value, VALUE_MAX))) || 0;
      if (counted > max) max = counted;
      histogram.record(counted + 1);
    },
    take: (count) => {
      const total = histogram.count;
      const wanted = Math.min(count, total);
      const values = Array.from({ length: wanted }, (_, index) => {
        const rank = index === wanted - 1 ? total : Math.ceil(((index + 0.5) / wanted) * total);
        // A quarter below the rank, so that rounding finds it whether up or to the nearest.
        return Math.min(max, histogram.percentile((100 * (rank - 0.25)) / total) - 1);
      });
      if (wanted > 0) values[wanted - 1] = max;
      histogram.reset();
      max = 0;
      return values;
    },
  };
}
