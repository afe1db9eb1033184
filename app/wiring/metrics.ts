/**
 * What of the app is measured: ties the metrics' names to the places that feed them. Part of the composition
 * root.
 */
import {
  metricDimensions,
  type MetricName,
  metricsNamespace,
  shopMetrics,
} from '../contract/shop-metrics.ts';
import type { PlacedOrder } from '../orders/place-orders.ts';
import { createMetrics, type Metrics } from '../platform/observe/metrics.ts';
import { pause } from '../platform/load/pause.ts';
import { createSingleFlight } from '../platform/load/single-flight.ts';
import type { EventSender } from '../platform/event-transport.ts';

const rejections = {
  idempotency_key_reused: 'OrdersRejectedIdempotencyKeyReused',
  product_not_found: 'OrdersRejectedProductNotFound',
  sale_not_open: 'OrdersRejectedSaleNotOpen',
  purchase_limit_exceeded: 'OrdersRejectedPurchaseLimit',
  out_of_stock: 'OrdersRejectedOutOfStock',
  coupon_not_usable: 'OrdersRejectedCoupon',
  price_changed: 'OrdersRejectedPriceChanged',
  insufficient_balance: 'OrdersRejectedInsufficientBalance',
  // An order with `cart_outdated` is placed again.
} as const satisfies Record<Exclude<PlacedOrder['code'], 'placed' | 'cart_outdated'>, MetricName>;

export interface ShopMetrics {
  readonly metrics: Metrics<MetricName>;
  /** Counts the results of a group of orders. */
  onGroup(results: readonly PlacedOrder[]): void;
  /** Counts a sent response. */
  onAnswered(answer: { status: number; code: string | undefined; durationMs: number }): void;
  /** Counts a shed request. */
  onShed(): void;
  /** Wraps a sender so that events are counted. */
  countSent(
    sender: EventSender,
    names: { tried?: MetricName; sent: MetricName; failed?: MetricName },
  ): EventSender;
  /** Reads the outbox backlog for each line of metrics. */
  sampleBacklog(read: () => Promise<{ events: number; oldestAgeMs: number | null }>): void;
  /** Writes a line every `everyMs` until the signal aborts, and a last one then. */
  report(everyMs: number, signal: AbortSignal): Promise<void>;
}

export function wireMetrics(options: {
  readonly stage: string;
  readonly roles: readonly (typeof shopMetrics)[MetricName]['roles'][number][];
  readonly nowMs: () => number;
  readonly write: (line: string) => void;
}): ShopMetrics {
  const { stage, roles, nowMs, write } = options;
  const own = Object.entries(shopMetrics).filter(([, definition]) =>
    definition.roles.some((role) => roles.includes(role)),
  );
  const [stageName, roleName] = metricDimensions;
  const metrics = createMetrics<MetricName>({
    namespace: metricsNamespace,
    units: Object.fromEntries(own.map(([name, { unit }]) => [name, unit])),
    dimensions: { [stageName]: stage, [roleName]: roles.join('+') },
    nowMs,
    write,
  });

  const placed = metrics.counter('OrdersPlaced');
  const replayed = metrics.counter('OrdersReplayed');
  const groupSize = metrics.distribution('OrderGroupSize');
  const rejected = new Map(Object.entries(rejections).map(([code, name]) => [code, metrics.counter(name)]));
  const requests = metrics.counter('HttpRequests');
  const serverErrors = metrics.counter('HttpServerErrors');
  const rateLimited = metrics.counter('RequestsRateLimited');
  const shed = metrics.counter('RequestsShed');
  const latency = metrics.distribution('HttpLatency');

  return {
    metrics,
    onGroup: (results) => {
      groupSize(results.length);
      for (const result of results) {
        if (result.code !== 'placed') rejected.get(result.code)?.();
        else if (result.replayed) replayed();
        else placed();
      }
    },
    onAnswered: ({ status, code, durationMs }) => {
      requests();
      latency(durationMs);
      // Shedding is no failure: the sale continues at its full rate, and no release is rolled back for it.
      if (code === 'busy_retry') shed();
      else if (status >= 500) serverErrors();
      if (code === 'rate_limited') rateLimited();
    },
    onShed: () => {
      requests();
      shed();
    },
    countSent: (sender, names) => {
      const countTried = names.tried === undefined ? undefined : metrics.counter(names.tried);
      const countFailed = names.failed === undefined ? undefined : metrics.counter(names.failed);
      const countSent = metrics.counter(names.sent);
      const send: EventSender['send'] = async (events) => {
        countTried?.(events.length);
        let acknowledged = 0;
        try {
          const ids = await sender.send(events);
          acknowledged = ids.size;
          return ids;
        } finally {
          countSent(acknowledged);
          countFailed?.(events.length - acknowledged);
        }
      };
      return { batchMax: sender.batchMax, sendsInFlightMax: sender.sendsInFlightMax, send };
    },
    sampleBacklog: (read) => {
      // The two gauges are sampled together and share one query.
      const backlog = createSingleFlight(read);
      metrics.gauge('OutboxRows', async () => (await backlog.run()).events);
      metrics.gauge('OutboxOldestAge', async () => ((await backlog.run()).oldestAgeMs ?? 0) / 1000);
    },
    report: async (everyMs, signal) => {
      while (!signal.aborted) {
        await pause(everyMs, signal);
        await metrics.flush();
      }
    },
  };
}
