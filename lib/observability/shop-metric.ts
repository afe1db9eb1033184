import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Duration } from 'aws-cdk-lib';
import {
  metricDimensions,
  type MetricName,
  metricsNamespace,
  shopMetrics,
} from '../../app/contract/shop-metrics.ts';
import { oneMinute } from './runbook-alarms.ts';

/** Metric that CloudWatch extracts from the log lines of one role. */
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

/** Sum over all roles that report the metric; a role without data counts as 0. */
export function sumOverRoles(metricName: MetricName, stage: string, period: Duration): MathExpression {
  const roles = Object.fromEntries(
    shopMetrics[metricName].roles.map((role) => [
      role.replace('-', '_'),
      shopMetric(metricName, role, stage, Stats.SUM).with({ period }),
    ]),
  );
  const expression = Object.keys(roles)
    .map((role) => `FILL(${role}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics: roles, period });
}
