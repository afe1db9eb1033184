import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';
import { shopMetric } from '../observability/shop-metric.ts';
import type { ClusterSettings } from '../settings/cluster-settings.ts';
import { Duration } from 'aws-cdk-lib';
import { namespace } from './names.ts';

/** With fewer requests per minute, the share of errors means nothing. */
const REQUESTS_MIN = 20;
const ERROR_PERCENT_MAX = 1;
/** The app replies to an order within 8 s or not at all; a healthy p99 is below half a second. */
const LATENCY_MAX_MS = 3000;
/** The cost estimate assumes 40 requests per order, so these should include 25 orders. */
const REQUESTS_WITH_ORDERS = 1000;
const DISK_PERCENT_MAX = 85;
const MEMORY_PERCENT_MAX = 90;

/**
 * What clients see, by the app's own metrics: the balancer belongs to the controller, and its name in metrics
 * is not known when the alarms are made. What never reaches a pod, CloudFront counts (failing-edge).
 */
export function podRequestAlarms(alarms: RunbookAlarms, stage: string): void {
  const sum = (name: 'HttpServerErrors' | 'HttpRequests' | 'OrdersPlaced') =>
    shopMetric(name, 'api', stage, Stats.SUM);
  alarms.add({
    runbook: 'failing-requests',
    severity: 'page',
    says: `More than ${ERROR_PERCENT_MAX} % of the requests fail with 5xx, not counting shed requests.`,
    metric: new MathExpression({
      expression: `IF(requests >= ${REQUESTS_MIN}, 100 * FILL(errors, 0) / requests, 0)`,
      usingMetrics: { errors: sum('HttpServerErrors'), requests: sum('HttpRequests') },
      ...oneMinute,
    }),
    above: ERROR_PERCENT_MAX,
    periods: 3,
  });
  alarms.add({
    runbook: 'slow-requests',
    severity: 'page',
    says: `One request in a hundred takes longer than ${LATENCY_MAX_MS / 1000} s.`,
    metric: shopMetric('HttpLatency', 'api', stage, Stats.percentile(99)),
    above: LATENCY_MAX_MS,
    periods: 5,
  });
  alarms.add({
    runbook: 'no-healthy-targets',
    severity: 'page',
    says: 'No pod of the API has reported for two minutes, so no customer is served.',
    metric: shopMetric('EventLoopDelay', 'api', stage, Stats.SAMPLE_COUNT),
    below: 1,
    periods: 2,
    missingIsBad: true,
  });
  const quarter = { period: Duration.minutes(15) };
  alarms.add({
    runbook: 'orders-stopped',
    severity: 'page',
    says: `No order was placed in 15 minutes although there were more than ${REQUESTS_WITH_ORDERS} requests.`,
    metric: new MathExpression({
      expression: `IF(requests > ${REQUESTS_WITH_ORDERS} && FILL(orders, 0) < 1, 1, 0)`,
      usingMetrics: {
        requests: sum('HttpRequests').with(quarter),
        orders: sum('OrdersPlaced').with(quarter),
      },
      ...quarter,
    }),
    above: 0,
    periods: 2,
  });
}

/** Pods that are missing and nodes that fail, by Container Insights. */
export function podAlarms(alarms: RunbookAlarms, settings: ClusterSettings): void {
  const { api, worker, dataPlatform, shared } = settings;
  const pods = api.replicas + worker.replicas + dataPlatform.replicas;
  const insight = (metricName: string, statistic: string, dimensions: Record<string, string> = {}) =>
    new Metric({
      namespace: 'ContainerInsights',
      metricName,
      dimensionsMap: { ClusterName: `rowlock-${shared.name}`, ...dimensions },
      ...fiveMinutes,
      statistic,
    });
  alarms.add({
    runbook: 'too-few-pods',
    severity: 'mail',
    says: `Fewer than ${pods} pods of the app have been running for ten minutes, or nothing is reported.`,
    metric: insight('namespace_number_of_running_pods', Stats.MINIMUM, { Namespace: namespace }),
    below: pods,
    periods: 2,
    missingIsBad: true,
  });
  alarms.add({
    runbook: 'failed-nodes',
    severity: 'mail',
    says: 'A node of the cluster has been in a failed state for ten minutes.',
    metric: insight('cluster_failed_node_count', Stats.MAXIMUM),
    above: 0,
    periods: 2,
  });
  alarms.add({
    runbook: 'node-disk',
    severity: 'mail',
    says: `The disk of a node is more than ${DISK_PERCENT_MAX} % full.`,
    metric: insight('node_filesystem_utilization', Stats.MAXIMUM),
    above: DISK_PERCENT_MAX,
    periods: 2,
  });
  alarms.add({
    runbook: 'node-memory',
    severity: 'mail',
    says: `A node has used more than ${MEMORY_PERCENT_MAX} % of its memory for ten minutes.`,
    metric: insight('node_memory_utilization', Stats.MAXIMUM),
    above: MEMORY_PERCENT_MAX,
    periods: 2,
  });
}
