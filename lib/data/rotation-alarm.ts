import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { fiveMinutes, type RunbookAlarms } from '../observability/runbook-alarms.ts';

/** Alarm on any failure of the functions that rotate the passwords of the database. */
export function rotationAlarm(alarms: RunbookAlarms, functionNames: readonly string[]): void {
  const usingMetrics = Object.fromEntries(
    functionNames.map((FunctionName, index) => [
      `rotation${index + 1}`,
      new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: { FunctionName },
        ...fiveMinutes,
        statistic: Stats.SUM,
      }),
    ]),
  );
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  alarms.add({
    runbook: 'rotation-fails',
    severity: 'mail',
    says: 'A password of the database could not be rotated; the previous one stays valid.',
    metric: new MathExpression({ expression, usingMetrics, ...fiveMinutes }),
    above: 0,
    periods: 1,
  });
}
