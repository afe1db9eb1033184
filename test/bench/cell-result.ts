/** What one measurement of one round gave. */
export interface CellResult {
  readonly cell: string;
  /** From 1. */
  readonly round: number;
  /** Accepted requests, or events, a second. */
  readonly ratePerS: number;
  readonly latencyMs?: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
  /** CPU time a request; undefined where /proc does not tell. */
  readonly cpuUs?: {
    readonly application: number;
    readonly database: number;
    readonly redis: number;
    readonly queue: number;
    readonly load: number;
  };
  /**
   * Cores that processes other than the benchmark's kept busy meanwhile: above 0.1 the figure is in doubt.
   */
  readonly othersCores?: number;
  /** All answers by status, warm-up included. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Events that were still in the outbox when the next measurement had to begin. */
  readonly leftInOutbox?: number;
}
