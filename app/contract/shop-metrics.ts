/**
 * Every metric that the app reports: its CloudWatch unit and the roles that report it. Alarms and dashboards take the
 * names from here. All have the same two dimensions, Stage and Role: a dimension that takes many values, such as a
 * product, would make as many metrics of one, and each is paid for.
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
  /** Repeated requests that got the answer of the first one. */
  OrdersReplayed: { unit: 'Count', roles: ['api'] },
  /** Orders refused by the rule of the shop, by reason. */
  OrdersRejectedIdempotencyKeyReused: { unit: 'Count', roles: ['api'] },
  OrdersRejectedProductNotFound: { unit: 'Count', roles: ['api'] },
  OrdersRejectedPurchaseLimit: { unit: 'Count', roles: ['api'] },
  OrdersRejectedOutOfStock: { unit: 'Count', roles: ['api'] },
  OrdersRejectedPriceChanged: { unit: 'Count', roles: ['api'] },
  OrdersRejectedInsufficientBalance: { unit: 'Count', roles: ['api'] },
  OrdersRejectedCoupon: { unit: 'Count', roles: ['api'] },
  /** Orders that shared a transaction. */
  OrderGroupSize: { unit: 'Count', roles: ['api'] },
  /** Orders that wait for the transaction under way, when the line is written. */
  OrderQueueLength: { unit: 'Count', roles: ['api'] },
  /** Requests answered `busy_retry`. */
  RequestsShed: { unit: 'Count', roles: ['api'] },
  /** Requests answered `rate_limited`, throttled log-ins included. */
  RequestsRateLimited: { unit: 'Count', roles: ['api'] },
  HttpRequests: { unit: 'Count', roles: ['api'] },
  /** Answers of 500 and above but those that were shed. */
  HttpServerErrors: { unit: 'Count', roles: ['api'] },
  HttpLatency: { unit: 'Milliseconds', roles: ['api'] },
  /** Events in memory after their commit. */
  PublisherWaiting: { unit: 'Count', roles: ['api'] },
  PublisherSent: { unit: 'Count', roles: ['api'] },
  /** Events that the queue did not take; the relay has them next. */
  PublisherFailed: { unit: 'Count', roles: ['api'] },
  RelayClaimed: { unit: 'Count', roles: ['worker'] },
  RelayAcknowledged: { unit: 'Count', roles: ['worker'] },
  /** Events that have not left yet, counted up to 100,000. */
  OutboxRows: { unit: 'Count', roles: ['worker'] },
  OutboxOldestAge: { unit: 'Seconds', roles: ['worker'] },
  /** Rows that do not add up; 0 when everything does. */
  Drift: { unit: 'Count', roles: ['worker'] },
  /** Since the completion or removal of the oldest image that a worker has still to make or to remove. */
  ImageWorkOldestAge: { unit: 'Seconds', roles: ['worker'] },
  /** Callers who wait for a database connection, when the line is written. */
  DatabaseWaiting: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** Transactions run again after a deadlock, a lock wait or a lost connection. */
  TransactionRetries: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** Transactions that the database ended because of a deadlock; the order of locks rules them out. */
  Deadlocks: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** Transactions that waited for a lock longer than innodb_lock_wait_timeout. */
  LockWaitTimeouts: { unit: 'Count', roles: ['api', 'worker', 'data-platform'] },
  /** 99th percentile of how late the event loop was. */
  EventLoopDelay: { unit: 'Milliseconds', roles: ['api', 'worker', 'data-platform'] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof shopMetrics;
