import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { fiveMinutes, type RunbookAlarms } from './runbook-alarms.ts';

export interface LoggedEventsOptions {
  readonly stage: string;
  readonly metricName: string;
  /** Values of `event` in the JSON lines of the app. */
  readonly events: readonly string[];
  /** Log groups whose matching lines are added up, each with the id of its filter. */
  readonly logs: Readonly<Record<string, ILogGroup>>;
}

/** The number of log lines with one of these events in five minutes, as a metric of the stage's own namespace. */
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
  // All filters feed the same metric, so any of them stands for it.
  const [metric] = metrics;
  if (metric === undefined) throw new Error(`${metricName}: no log group`);
  return metric;
}
