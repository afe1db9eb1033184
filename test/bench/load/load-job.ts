import type { HistogramBuckets } from './latency-histogram.ts';

/** What the load process is to do. */
export interface LoadJob {
  /** `http://127.0.0.1:PORT`, one or several; the connections are spread over them evenly. */
  readonly urls: readonly string[];
  /** Keep-alive connections, opened before the first request; each has one request under way at most. */
  readonly connections: number;
  /** Load that comes before the measured time and is counted in `totals` only. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly pace: ClosedLoop | OpenLoop;
  readonly requests: OrderRequests | FixedRequest;
  readonly seed: number;
}

/** Every connection sends its next request when it has its answer. */
export interface ClosedLoop {
  readonly kind: 'closed';
}

/**
 * Requests at a fixed rate, whatever becomes of the earlier ones. The latency counts from the intended time
 * of sending, so that a server which stalls cannot hide it. A request waits for a free connection; when
 * `waitingMax` are waiting the next one is dropped and counted as `unsent`.
 */
export interface OpenLoop {
  readonly kind: 'open';
  readonly ratePerS: number;
  readonly waitingMax: number;
}

/** `POST /orders` of one unit of one product, under a new idempotency key each time. */
export interface OrderRequests {
  readonly kind: 'orders';
  /** Session tokens of the buyers, drawn uniformly. */
  readonly tokens: readonly string[];
  /** Drawn by Zipf with this exponent, the first most often; 0 is uniform. */
  readonly productIds: readonly string[];
  readonly zipfExponent: number;
  /** Starts every key; must differ between runs on one database. */
  readonly keyPrefix: string;
  /**
   * Whether every buyer makes one request first, which is no order and is not counted; see
   * introduce-buyers.ts.
   */
  readonly introduce?: boolean;
}

/** The same request every time. */
export interface FixedRequest {
  readonly kind: 'fixed';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadResult {
  /** Length of the measured time, from the clock. */
  readonly measuredMs: number;
  /** Answers within the measured time by status, with their latencies in microseconds. */
  readonly byStatus: Readonly<
    Record<string, { readonly count: number; readonly latencies: HistogramBuckets }>
  >;
  /**
   * All answers by status, those of the warm-up and after the end included: what the database must agree
   * with.
   */
  readonly totals: Readonly<Record<string, number>>;
  /** Answers in each second since the first request, by status. */
  readonly perSecond: readonly Readonly<Record<string, number>>[];
  /** Requests that got no answer: their connection broke, or they were under way at the end for too long. */
  readonly unanswered: number;
  /** Open loop: requests dropped because too many waited for a connection. */
  readonly unsent: number;
  /** How connections broke, by reason. */
  readonly connectionErrors: Readonly<Record<string, number>>;
  /** `Retry-After` of the answers that had one, by its value. */
  readonly retryAfter: Readonly<Record<string, number>>;
  /** The first few answers with another status than 200, whole. */
  readonly samples: readonly string[];
  /** CPU time of the load process itself a request of the measured time. */
  readonly ownCpuUs: number;
}
