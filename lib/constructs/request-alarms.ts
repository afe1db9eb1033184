import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { EdgeStack } from '../stacks/edge-stack.ts';
import type { StageSettings } from '../stages.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from './runbook-alarms.ts';

/** Fewer requests a minute say nothing about a share. */
const REQUESTS_MIN = 20;
const ERROR_PERCENT_MAX = 1;
/** The app answers an order within its 8 s or not at all; a healthy p99 is below half a second. */
const LATENCY_MAX_MS = 3000;
const THROTTLED_MAX = 100;
/** Time for a call before the day's quota of a client is used up. */
const QUOTA_USED_PERCENT = 80;

/** What clients see: failures, slowness, and being turned away by the gateway. */
export function requestAlarms(
  alarms: RunbookAlarms,
  { frontDoor, balancer }: EdgeStack,
  { name: stage, gateway }: StageSettings,
): void {
  const { api } = frontDoor;
  alarms.add({
    runbook: 'failing-requests',
    says: `More than ${ERROR_PERCENT_MAX} % of the requests end with 5xx.`,
    metric: new MathExpression({
      expression: `IF(requests >= ${REQUESTS_MIN}, 100 * errors / requests, 0)`,
      usingMetrics: {
        errors: api.metricServerError({ ...oneMinute, statistic: Stats.SUM }),
        requests: api.metricCount({ ...oneMinute, statistic: Stats.SUM }),
      },
      ...oneMinute,
    }),
    above: ERROR_PERCENT_MAX,
    periods: 3,
  });
  alarms.add({
    runbook: 'slow-requests',
    says: `One request in a hundred takes more than ${LATENCY_MAX_MS / 1000} s.`,
    metric: api.metricLatency({ ...oneMinute, statistic: Stats.percentile(99) }),
    above: LATENCY_MAX_MS,
    periods: 5,
  });
  const throttled = new MetricFilter(alarms, 'ThrottledRequests', {
    logGroup: frontDoor.accessLog,
    metricNamespace: `Rowlock/${stage}`,
    metricName: 'ThrottledRequests',
    filterPattern: FilterPattern.literal('{ $.status = "429" }'),
  });
  alarms.add({
    runbook: 'throttled-requests',
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
      `{ ($.keyId = "*") && ($.keyId != "-") && ($.keyId != "${frontDoor.storefrontKeyId}") }`,
    ),
  });
  alarms.add({
    runbook: 'client-quota',
    says: `API clients have used ${QUOTA_USED_PERCENT} % of what one key may use in a day.`,
    metric: ofClients.metric({ period: Duration.days(1), statistic: Stats.SUM }),
    above: (gateway.client.quotaPerDay * QUOTA_USED_PERCENT) / 100,
    periods: 1,
  });
  alarms.add({
    runbook: 'unhealthy-targets',
    says: 'An instance has not been ready for five minutes.',
    metric: balancer.targets.metrics.unhealthyHostCount({ ...oneMinute, statistic: Stats.MAXIMUM }),
    above: 0,
    periods: 5,
  });
}
