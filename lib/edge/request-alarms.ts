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

/** Fewer requests a minute say nothing about a share. */
const REQUESTS_MIN = 20;
const ERROR_PERCENT_MAX = 1;
/** The app answers an order within its 8 s or not at all; a healthy p99 is below half a second. */
const LATENCY_MAX_MS = 3000;
const THROTTLED_MAX = 100;
/** Of which 25 would be orders, at the 40 requests an order that costs are estimated with. */
const REQUESTS_WITH_ORDERS = 1000;
/** Time for a call before the day's quota of a client is used up. */
const QUOTA_USED_PERCENT = 80;

/** What clients see: failures, slowness, and being turned away by the gateway. */
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
    says: `One request in a hundred takes more than ${LATENCY_MAX_MS / 1000} s.`,
    metric: api.metricLatency({ ...oneMinute, statistic: Stats.percentile(99) }),
    above: LATENCY_MAX_MS,
    periods: 5,
  });
  const throttled = new MetricFilter(alarms, 'ThrottledRequests', {
    logGroup: frontDoor.accessLog,
    metricNamespace: `Rowlock/${stage}`,
    metricName: 'ThrottledRequests',
    // The app's own 429 has a metric of its own, RequestsRateLimited.
    filterPattern: FilterPattern.literal(
      '{ ($.errorType = "THROTTLED") || ($.errorType = "QUOTA_EXCEEDED") }',
    ),
  });
  alarms.add({
    runbook: 'throttled-requests',
    severity: 'mail',
    says: 'The gateway turns callers away: a rate or a quota is used up.',
    metric: throttled.metric({ ...fiveMinutes, statistic: Stats.SUM }),
    above: THROTTLED_MAX,
    periods: 1,
  });
  // The gateway has no metric of a quota. Only clients have one, so whoever is not the storefront counts.
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
    says: `API clients have used ${QUOTA_USED_PERCENT} % of what one key may use in a day.`,
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
    says: 'No instance of the API is healthy: nobody is served.',
    metric: balancer.targets.metrics.healthyHostCount({ ...oneMinute, statistic: Stats.MAXIMUM }),
    below: 1,
    periods: 2,
    missingIsBad: true,
  });
  stoppedOrders(alarms, frontDoor, stage);
}

/**
 * No order although customers are there. A comparison with the same hour of another day would need weeks to learn and
 * would take a quiet day for a fault; requests say at once how many orders there should have been.
 */
function stoppedOrders(alarms: RunbookAlarms, { api }: RequestPath['frontDoor'], stage: string): void {
  const quarter = { period: Duration.minutes(15), statistic: Stats.SUM };
  alarms.add({
    runbook: 'orders-stopped',
    severity: 'page',
    says: `No order was placed in a quarter of an hour with more than ${REQUESTS_WITH_ORDERS} requests.`,
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
 * Failures, of whoever answered with them: the app (but what it shed), the balancer (no healthy instance, or one
 * that broke off), the gateway (no answer). Added up, because the gateway's own count of 5xx holds what the app shed
 * during a sale, which would roll a release back, and cannot be freed of it: a line of the app's metrics is up to
 * ten seconds younger than the requests in it.
 */
function failingRequests(alarms: RunbookAlarms, { frontDoor, balancer }: RequestPath, stage: string): void {
  const sum = { ...oneMinute, statistic: Stats.SUM };
  const byGateway = new MetricFilter(alarms, 'GatewayFailures', {
    logGroup: frontDoor.accessLog,
    metricNamespace: `Rowlock/${stage}`,
    metricName: 'GatewayFailures',
    // A hyphen stands for a request that the gateway itself had nothing against.
    filterPattern: FilterPattern.literal('{ ($.status = "5*") && ($.errorType != "-") }'),
  });
  alarms.add({
    runbook: 'failing-requests',
    severity: 'page',
    says: `More than ${ERROR_PERCENT_MAX} % of the requests fail with 5xx; those that were shed do not count.`,
    metric: new MathExpression({
      expression: `IF(requests >= ${REQUESTS_MIN}, 100 * (FILL(app, 0) + FILL(balancer, 0) + FILL(gateway, 0)) / requests, 0)`,
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
