import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { HttpCodeElb } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { StageSettings } from '../settings/stage-settings.ts';
import type { InternalBalancer } from './internal-balancer.ts';
import type { RestFrontDoor } from './rest-front-door.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';
import { shopMetric } from '../observability/shop-metric.ts';

export interface RequestPath {
  readonly frontDoor: Pick<RestFrontDoor, 'api' | 'accessLog' | 'storefrontKeyIds'>;
  readonly balancer: Pick<InternalBalancer, 'balancer' | 'targets'>;
}

/** With fewer requests per minute, the share of errors means nothing. */
const REQUESTS_MIN = 20;
const ERROR_PERCENT_MAX = 1;
/** The app replies to an order within 8 s or not at all; a healthy p99 is below half a second. */
const LATENCY_MAX_MS = 3000;
const THROTTLED_MAX = 100;
/** The cost estimate assumes 40 requests per order, so these should include 25 orders. */
const REQUESTS_WITH_ORDERS = 1000;
/** Early enough to call the client before its daily quota is used up. */
const QUOTA_USED_PERCENT = 80;

/** What clients see: failures, slow replies and requests that the gateway rejects. */
export function requestAlarms(
  alarms: RunbookAlarms,
  { frontDoor, balancer }: RequestPath,
  { name: stage, gateway }: StageSettings,
): void {
  const { api } = frontDoor;
  failingRequests(alarms, { frontDoor, balancer }, stage);
  alarms.add({
    runbook: 'slow-requests',
    severity: 'page',
    says: `One request in a hundred takes longer than ${LATENCY_MAX_MS / 1000} s.`,
    metric: api.metricLatency({ ...oneMinute, statistic: Stats.percentile(99) }),
    above: LATENCY_MAX_MS,
    periods: 5,
  });
  const throttled = new MetricFilter(alarms, 'ThrottledRequests', {
    logGroup: frontDoor.accessLog,
    metricNamespace: `Rowlock/${stage}`,
    metricName: 'ThrottledRequests',
    // Excludes the app's own 429, which the metric RequestsRateLimited counts.
    filterPattern: FilterPattern.literal(
      '{ ($.errorType = "THROTTLED") || ($.errorType = "QUOTA_EXCEEDED") }',
    ),
  });
  alarms.add({
    runbook: 'throttled-requests',
    severity: 'mail',
    says: 'The gateway rejects callers because a rate or a quota is used up.',
    metric: throttled.metric({ ...fiveMinutes, statistic: Stats.SUM }),
    above: THROTTLED_MAX,
    periods: 1,
  });
  // The gateway has no metric for quotas. Only API clients have one, so count every key but the storefront's.
  const ofClients = new MetricFilter(alarms, 'ClientRequests', {
    logGroup: frontDoor.accessLog,
    metricNamespace: `Rowlock/${stage}`,
    metricName: 'ClientRequests',
    filterPattern: FilterPattern.literal(
      `{ ${[
        '($.keyId = "*")',
        ...['-', ...frontDoor.storefrontKeyIds].map((id) => `($.keyId != "${id}")`),
      ].join(' && ')} }`,
    ),
  });
  alarms.add({
    runbook: 'client-quota',
    severity: 'mail',
    says: `API clients together have used ${QUOTA_USED_PERCENT} % of the daily quota of one key.`,
    metric: ofClients.metric({ period: Duration.days(1), statistic: Stats.SUM }),
    above: (gateway.client.quotaPerDay * QUOTA_USED_PERCENT) / 100,
    periods: 1,
  });
  alarms.add({
    runbook: 'unhealthy-targets',
    severity: 'mail',
    says: 'An instance has not been ready for five minutes.',
    metric: balancer.targets.metrics.unhealthyHostCount({ ...oneMinute, statistic: Stats.MAXIMUM }),
    above: 0,
    periods: 5,
  });
  alarms.add({
    runbook: 'no-healthy-targets',
    severity: 'page',
    says: 'No API instance is healthy, so no customer is served.',
    metric: balancer.targets.metrics.healthyHostCount({ ...oneMinute, statistic: Stats.MAXIMUM }),
    below: 1,
    periods: 2,
    missingIsBad: true,
  });
  stoppedOrders(alarms, frontDoor, stage);
}

/**
 * Alarm when customers visit but no order is placed. A comparison with the same hour of other days would take
 * weeks to learn and would mistake a quiet day for a fault; the number of requests shows at once how many
 * orders to expect.
 */
function stoppedOrders(alarms: RunbookAlarms, { api }: RequestPath['frontDoor'], stage: string): void {
  const quarter = { period: Duration.minutes(15), statistic: Stats.SUM };
  alarms.add({
    runbook: 'orders-stopped',
    severity: 'page',
    says: `No order was placed in 15 minutes although there were more than ${REQUESTS_WITH_ORDERS} requests.`,
    metric: new MathExpression({
      expression: `IF(requests > ${REQUESTS_WITH_ORDERS} && FILL(orders, 0) < 1, 1, 0)`,
      usingMetrics: {
        requests: api.metricCount(quarter),
        orders: shopMetric('OrdersPlaced', 'api', stage, Stats.SUM).with(quarter),
      },
      period: quarter.period,
    }),
    above: 0,
    periods: 2,
  });
}

/**
 * Failed requests, counted where they failed: in the app (without shed requests), at the balancer (no healthy
 * instance, or a broken connection) and at the gateway (no answer). The gateway's own count of 5xx would
 * include the requests that the app sheds during a sale, and would roll a release back. They cannot be
 * subtracted from it, because the app's metrics are up to ten seconds later than the requests in them.
 */
function failingRequests(alarms: RunbookAlarms, { frontDoor, balancer }: RequestPath, stage: string): void {
  const sum = { ...oneMinute, statistic: Stats.SUM };
  const byGateway = new MetricFilter(alarms, 'GatewayFailures', {
    logGroup: frontDoor.accessLog,
    metricNamespace: `Rowlock/${stage}`,
    metricName: 'GatewayFailures',
    // A hyphen means that the gateway itself did not reject the request.
    filterPattern: FilterPattern.literal('{ ($.status = "5*") && ($.errorType != "-") }'),
  });
  alarms.add({
    runbook: 'failing-requests',
    severity: 'page',
    says: `More than ${ERROR_PERCENT_MAX} % of the requests fail with 5xx, not counting shed requests.`,
    metric: new MathExpression({
      expression:
        `IF(requests >= ${REQUESTS_MIN}, ` +
        '100 * (FILL(app, 0) + FILL(balancer, 0) + FILL(gateway, 0)) / requests, 0)',
      usingMetrics: {
        app: shopMetric('HttpServerErrors', 'api', stage, Stats.SUM),
        balancer: balancer.balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, sum),
        gateway: byGateway.metric(sum),
        requests: frontDoor.api.metricCount(sum),
      },
      ...oneMinute,
    }),
    above: ERROR_PERCENT_MAX,
    periods: 3,
  });
}
