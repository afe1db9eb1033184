/**
 * Latencies in microseconds, stored as counts in buckets that are at most 0.8 % wide (128 per power of two),
 * like HdrHistogram: constant memory, 20 ns per value, and histograms of several runs can be merged.
 */
export interface LatencyHistogram {
  /** Counts a negative value as 0 and a value above 35 minutes as 35 minutes. */
  record(valueUs: number): void;
  readonly count: number;
  /** Value in microseconds below or at which `share` (0 to 1) of all values lie; 0 if empty. */
  quantile(share: number): number;
  add(other: HistogramBuckets): void;
  /** Bucket numbers with their counts, for JSON. */
  buckets(): HistogramBuckets;
}

export type HistogramBuckets = readonly (readonly [bucket: number, count: number])[];

const SUB_BUCKET_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
const VALUE_MAX = 2 ** 31 - 1;
const BUCKETS = bucketOf(VALUE_MAX) + 1;

export function latencyHistogram(initial: HistogramBuckets = []): LatencyHistogram {
  const counts = new Float64Array(BUCKETS);
  let count = 0;
  const add = (other: HistogramBuckets): void => {
    for (const [bucket, more] of other) {
      counts[bucket] = (counts[bucket] ?? 0) + more;
      count += more;
    }
  };
  add(initial);
  return {
    record(valueUs) {
      const bucket = bucketOf(Math.min(VALUE_MAX, Math.max(0, Math.round(valueUs))));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
    },
    get count() {
      return count;
    },
    quantile(share) {
      const rank = Math.max(1, Math.ceil(share * count));
      let seen = 0;
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
        seen += counts[bucket] ?? 0;
        if (seen >= rank) return highestOf(bucket);
      }
      return 0;
    },
    add,
    buckets: () => [...counts.entries()].filter(([, value]) => value > 0),
  };
}

/** Values below 256 have one bucket each; above, there are 128 buckets per power of two. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - SUB_BUCKET_BITS);
  return shift * SUB_BUCKETS + (value >>> shift);
}

/** Highest value of the bucket. */
function highestOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / SUB_BUCKETS) - 1);
  return (bucket - shift * SUB_BUCKETS + 1) * 2 ** shift - 1;
}
