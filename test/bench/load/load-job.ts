import type { HistogramBuckets } from './latency-histogram.ts';

/** Instructions for the load process. */
export interface LoadJob {
  /** One or more of `http://127.0.0.1:PORT`; connections are distributed evenly. */
  readonly urls: readonly string[];
  /** Keep-alive connections, opened before the first request, each with at most one request in progress. */
  readonly connections: number;
  /** Duration of the load before the measured time, which is counted in `totals` only. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly pace: ClosedLoop | OpenLoop;
  readonly requests: OrderRequests | FixedRequest;
  readonly seed: number;
}

/** Every connection sends its next request as soon as it has a response. */
export interface ClosedLoop {
  readonly kind: 'closed';
}

/**
 * Sends at a fixed rate, whatever happens to earlier requests. Latency counts from the intended sending time,
 * so that a stalled server cannot hide it. A request waits for a free connection; when `waitingMax` are
 * waiting, the next one is dropped and counted as `unsent`.
 */
export interface OpenLoop {
  readonly kind: 'open';
  readonly ratePerS: number;
  readonly waitingMax: number;
}

/** `POST /orders` for one unit of one product, with a new idempotency key each time. */
export interface OrderRequests {
  readonly kind: 'orders';
  /** Session tokens of the buyers, drawn uniformly. */
  readonly tokens: readonly string[];
  /** Drawn by Zipf with this exponent, the first most often; 0 is uniform. */
  readonly productIds: readonly string[];
  readonly zipfExponent: number;
  /** Prefix of every key; must differ between runs on one database. */
  readonly keyPrefix: string;
  /**
   * Whether every buyer first makes one request that is neither an order nor counted; see
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
  /** Actual length of the measured time. */
  readonly measuredMs: number;
  /** Responses within the measured time by status, with their latencies in microseconds. */
  readonly byStatus: Readonly<
    Record<string, { readonly count: number; readonly latencies: HistogramBuckets }>
  >;
  /**
   * All responses by status, including the warm-up and those after the end: the database must agree with
   * these.
   */
  readonly totals: Readonly<Record<string, number>>;
  /** Responses in each second since the first request, by status. */
  readonly perSecond: readonly Readonly<Record<string, number>>[];
  /** Requests without a response: the connection broke, or they took too long at the end. */
  readonly unanswered: number;
  /** Open loop: requests dropped because too many waited for a connection. */
  readonly unsent: number;
  /** Number of broken connections by reason. */
  readonly connectionErrors: Readonly<Record<string, number>>;
  /** Values of `Retry-After` in the responses, with their counts. */
  readonly retryAfter: Readonly<Record<string, number>>;
  /** The first few complete responses with a status other than 200. */
  readonly samples: readonly string[];
  /** CPU time of the load process per request of the measured time. */
  readonly ownCpuUs: number;
}
