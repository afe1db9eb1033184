import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { fiveMinutes, type RunbookAlarms } from './runbook-alarms.ts';

export interface LoggedEventsOptions {
  readonly stage: string;
  readonly metricName: string;
  /** Values of `event` in the app's JSON lines. */
  readonly events: readonly string[];
  /** Log groups whose matching lines are added up, by the id of their filter. */
  readonly logs: Readonly<Record<string, ILogGroup>>;
}

/** Metric in the stage's namespace: the number of log lines with one of the events per five minutes. */
export function loggedEvents(alarms: RunbookAlarms, options: LoggedEventsOptions): IMetric {
  const { stage, metricName, events, logs } = options;
  const pattern = `{ ${events.map((event) => `($.event = "${event}")`).join(' || ')} }`;
  const metrics = Object.entries(logs).map(([id, logGroup]) =>
    new MetricFilter(alarms, id, {
      logGroup,
      metricNamespace: `Rowlock/${stage}`,
      metricName,
      filterPattern: FilterPattern.literal(pattern),
    }).metric({ ...fiveMinutes, statistic: Stats.SUM }),
  );
  // All filters feed the same metric, so any of them can return it.
  const [metric] = metrics;
  if (metric === undefined) throw new Error(`${metricName}: no log group`);
  return metric;
}
