/** Buckets a doubling: a value comes out at most 4.5 % beside what went in. */
const BUCKETS_A_DOUBLING = 16;
/** Up to 2^31. */
const BUCKETS = BUCKETS_A_DOUBLING * 31;

export interface Distribution {
  /** A value from 0 on. */
  record(value: number): void;
  /**
   * At most `count` values that stand for all that were recorded since the last call: evenly spaced ranks, of which
   * the last is the maximum itself. Empty when there was none.
   */
  take(count: number): number[];
}

/** Counts values in buckets that double every sixteen: as much memory and time for a million values as for one. */
export function createDistribution(): Distribution {
  const counts = new Uint32Array(BUCKETS);
  let total = 0;
  let min = Infinity;
  let max = 0;
  return {
    record: (value) => {
      const bucket = Math.min(BUCKETS - 1, Math.trunc(BUCKETS_A_DOUBLING * Math.log2(1 + value)));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total += 1;
      if (value < min) min = value;
      if (value > max) max = value;
    },
    take: (count) => {
      const wanted = Math.min(count, total);
      const values: number[] = [];
      let passed = 0;
      for (let bucket = 0; bucket < BUCKETS && values.length < wanted; bucket += 1) {
        passed += counts[bucket] ?? 0;
        const middle = 2 ** ((bucket + 0.5) / BUCKETS_A_DOUBLING) - 1;
        const value = Math.round(Math.min(max, Math.max(min, middle)) * 100) / 100;
        while (values.length < wanted && ((values.length + 0.5) / wanted) * total <= passed)
          values.push(value);
      }
      if (wanted > 0) values[wanted - 1] = max;
      counts.fill(0);
      total = 0;
      min = Infinity;
      max = 0;
      return values;
    },
  };
}
