/**
 * Every metric that the app reports: its CloudWatch unit and the roles that report it. Alarms and dashboards
 * take the names from here. All have the same two dimensions, Stage and Role: a dimension that takes many
 * values, such as a product, would make as many metrics of one, and each is paid for.
 */
export const metricsNamespace = 'Rowlock';

export const metricDimensions = ['Stage', 'Role'] as const;

export interface MetricDefinition {
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  readonly roles: readonly ('api' | 'worker' | 'data-platform')[];
}

export const shopMetrics = {
  /** Orders committed by this process. */
  OrdersPlaced: { unit: 'Count', roles: ['api'] },
  /** Repeated requests that got the first one's response. */
  OrdersReplayed: { unit: 'Count', roles: ['api'] },
  /** Orders rejected by the shop's rules, by reason. */
  OrdersRejectedIdempotencyKeyReused: { unit: 'Count', roles: ['api'] },
  OrdersRejectedProductNotFound: { unit: 'Count', roles: ['api'] },
  OrdersRejectedSaleNotOpen: { unit: 'Count', roles: ['api'] },
  OrdersRejectedPurchaseLimit: { unit: 'Count', roles: ['api'] },
  OrdersRejectedOutOfStock: { unit: 'Count', roles: ['api'] },
  OrdersRejectedPriceChanged: { unit: 'Count', roles: ['api'] },
  OrdersRejectedInsufficientBalance: { unit: 'Count', roles: ['api'] },
  OrdersRejectedCoupon: { unit: 'Count', roles: ['api'] },
  /** Orders per transaction. */
  OrderGroupSize: { unit: 'Count', roles: ['api'] },
  /** Orders waiting for the current transaction, sampled. */
  OrderQueueLength: { unit: 'Count', roles: ['api'] },
  /** 1 while this process executes its own orders, 0 while another of its machine does; sampled. */
  OrderLaneOwner: { unit: 'Count', roles: ['api'] },
  /** Requests answered `busy_retry`. */
  RequestsShed: { unit: 'Count', roles: ['api'] },
  /** Requests answered `rate_limited`, throttled log-ins included. */
  RequestsRateLimited: { unit: 'Count', roles: ['api'] },
  HttpRequests: { unit: 'Count', roles: ['api'] },
  /** Responses of 500 and above, without shed requests. */
  HttpServerErrors: { unit: 'Count', roles: ['api'] },
  HttpLatency: { unit: 'Milliseconds', roles: ['api'] },
  /** Committed events that wait in memory to be sent. */
  PublisherWaiting: { unit: 'Count', roles: ['api'] },
  PublisherSent: { unit: 'Count', roles: ['api'] },
  /** Events that the queue rejected; the relay sends them. */
  PublisherFailed: { unit: 'Count', roles: ['api'] },
  RelayClaimed: { unit: 'Count', roles: ['worker'] },
  RelayAcknowledged: { unit: 'Count', roles: ['worker'] },
  /** Unsent events, counted up to 100,000. */
  OutboxRows: { unit: 'Count', roles: ['worker'] },
  OutboxOldestAge: { unit: 'Seconds', roles: ['worker'] },
  /** Rows that break a check of the audit. */
  Drift: { unit: 'Count', roles: ['worker'] },
  /** Age of the oldest completion or removal of an image that no worker has finished. */
  ImageWorkOldestAge: { unit: 'Seconds', roles: ['worker'] },
  /** Events that the fullest partition of this process holds and that are not counted yet; only on Kafka. */
  EventsLag: { unit: 'Count', roles: ['data-platform'] },
  /** Work waiting for a database connection, sampled. */
  DatabaseWaiting: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** Transactions retried after a deadlock, a lock wait or a lost connection. */
  TransactionRetries: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** Transactions that the database aborted for a deadlock; the lock order rules them out. */
  Deadlocks: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** Transactions that waited for a lock longer than innodb_lock_wait_timeout. */
  LockWaitTimeouts: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** 99th percentile of the event loop's delay. */
  EventLoopDelay: { unit: 'Milliseconds', roles: ['api', 'worker', 'data-platform'] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof shopMetrics;
