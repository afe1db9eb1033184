import type { SalesDelta } from './statistics-sql.ts';

/** Types of every format. */
const CANCELLED = 'rowlock.order.cancelled.';
const HOUR_MS = 60 * 60 * 1000;

/** The part of an order event that the rule needs. */
interface Sale {
  readonly type: string;
  readonly time: string;
  readonly data: {
    /** Absent if it is the event's own time. */
    readonly completedAt?: string;
    readonly lines: readonly {
      readonly productId: string;
      readonly units: number;
      readonly revenue: number;
    }[];
  };
}

/** Adds up events per product and hour of completion (UTC): sales count positive, cancellations negative. */
export function salesDeltas(events: readonly Sale[]): SalesDelta[] {
  const sums = new Map<string, SalesDelta>();
  for (const { type, time, data } of events) {
    const sign = type.startsWith(CANCELLED) ? -1 : 1;
    const hourMs = Math.floor(Date.parse(data.completedAt ?? time) / HOUR_MS) * HOUR_MS;
    for (const { productId, units, revenue } of data.lines) {
      const key = `${hourMs} ${productId}`;
      const sum = sums.get(key);
      sums.set(key, {
        hour: new Date(hourMs),
        productId,
        units: (sum?.units ?? 0) + sign * units,
        revenueKrw: (sum?.revenueKrw ?? 0) + sign * revenue,
      });
    }
  }
  return [...sums.values()];
}
