import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricDimensions, type MetricName, metricsNamespace, shopMetrics } from '../shop-metrics.ts';
import { oneMinute } from './runbook-alarms.ts';

/** A metric of the app as CloudWatch makes it of the lines; a unit runs one role. */
export function shopMetric(
  metricName: MetricName,
  role: 'api' | 'worker' | 'data-platform',
  stage: string,
  statistic: string,
): Metric {
  const { roles } = shopMetrics[metricName];
  if (!(roles as readonly string[]).includes(role)) throw new Error(`${role} does not report ${metricName}`);
  const [stageName, roleName] = metricDimensions;
  return new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { [stageName]: stage, [roleName]: role },
    ...oneMinute,
    statistic,
  });
}
