import type { SalesDelta } from './statistics-sql.ts';

const HOUR_MS = 60 * 60 * 1000;

/** What the rule needs of an `OrderCompleted` event. */
interface Sale {
  readonly data: {
    readonly completedAt: string;
    readonly lines: readonly {
      readonly productId: string;
      readonly units: number;
      readonly revenue: number;
    }[];
  };
}

/** Sums of the events by product and hour of completion (UTC). */
export function salesDeltas(events: readonly Sale[]): SalesDelta[] {
  const sums = new Map<string, SalesDelta>();
  for (const { data } of events) {
    const hourMs = Math.floor(Date.parse(data.completedAt) / HOUR_MS) * HOUR_MS;
    for (const { productId, units, revenue } of data.lines) {
      const key = `${hourMs} ${productId}`;
      const sum = sums.get(key);
      sums.set(key, {
        hour: new Date(hourMs),
        productId,
        units: (sum?.units ?? 0) + units,
        revenueKrw: (sum?.revenueKrw ?? 0) + revenue,
      });
    }
  }
  return [...sums.values()];
}
