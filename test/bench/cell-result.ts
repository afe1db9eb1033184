/** Result of one measurement in one round. */
export interface CellResult {
  readonly cell: string;
  /** Round number, starting at 1. */
  readonly round: number;
  /** Accepted requests or events per second. */
  readonly ratePerS: number;
  /** Log-ins per second that were measured beside. */
  readonly logInsPerS?: number;
  readonly latencyMs?: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
  /** CPU time per request; undefined without /proc. */
  readonly cpuUs?: {
    readonly application: number;
    readonly database: number;
    readonly redis: number;
    readonly queue: number;
    readonly load: number;
    /** Of the processes that delay connections; only with a delayed network. */
    readonly network?: number;
  };
  /**
   * Cores used by processes outside the benchmark during the measurement. Above 0.1 the figure is in doubt.
   */
  readonly othersCores?: number;
  /** Number of all responses by status, including the warm-up. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Mean number of events in a message to the queue. */
  readonly eventsPerMessage?: number;
  /** Events still in the outbox when the next measurement had to begin. */
  readonly leftInOutbox?: number;
}
