/**
 * What this process has done since the last `take`, as sums that add up over the fleet. Counting costs some
 * nanoseconds; nothing is sent per order.
 */
export interface TrafficCounts {
  /** The result of each order of a group: `placed`, `replayed` or the code of its rejection. */
  countOrders(codes: readonly string[]): void;
  countAnswer(answer: {
    readonly status: number;
    readonly code: string | undefined;
    readonly durationMs: number;
  }): void;
  /** A request that was shed before its route. */
  countShed(): void;
  /** A request for the popular list, or a query of MySQL for it. */
  countPopular(what: 'request' | 'build'): void;
  /** Returns the sums by field and starts again from zero. */
  take(): ReadonlyMap<string, number>;
}

/** Upper bounds of the latency classes in ms: each is at most 1.5 times the one before. */
export const latencyBoundsMs = [
  1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
  6144, 8192, 12_288,
] as const;

const OVER = 'over';

export const fields = {
  order: (code: string) => `order.${code}`,
  requests: 'http.requests',
  serverErrors: 'http.serverErrors',
  shed: 'http.shed',
  rateLimited: 'http.rateLimited',
  latency: (bound: number | typeof OVER) => `latency.${bound}`,
  popular: (what: 'request' | 'build') => `popular.${what}`,
} as const;

export function createTrafficCounts(): TrafficCounts {
  let sums = new Map<string, number>();
  const add = (field: string): void => {
    sums.set(field, (sums.get(field) ?? 0) + 1);
  };
  return {
    countOrders: (codes) => {
      for (const code of codes) add(fields.order(code));
    },
    countAnswer: ({ status, code, durationMs }) => {
      add(fields.requests);
      add(fields.latency(latencyBoundsMs.find((bound) => durationMs <= bound) ?? OVER));
      if (code === 'busy_retry') add(fields.shed);
      else if (status >= 500) add(fields.serverErrors);
      if (code === 'rate_limited') add(fields.rateLimited);
    },
    countShed: () => {
      add(fields.requests);
      add(fields.shed);
    },
    countPopular: (what) => add(fields.popular(what)),
    take: () => {
      const taken = sums;
      sums = new Map();
      return taken;
    },
  };
}

/**
 * The latency that `share` of the requests did not exceed, as the upper bound of its class; the largest bound
 * for slower ones. Null without a request.
 */
export function latencyAt(share: number, sums: ReadonlyMap<string, number>): number | null {
  const counts = latencyBoundsMs.map((bound) => sums.get(fields.latency(bound)) ?? 0);
  const total = counts.reduce((sum, count) => sum + count, sums.get(fields.latency(OVER)) ?? 0);
  if (total === 0) return null;
  let passed = 0;
  for (const [index, count] of counts.entries()) {
    passed += count;
    if (passed >= share * total) return latencyBoundsMs[index] ?? null;
  }
  return latencyBoundsMs.at(-1) ?? null;
}
