import { type CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricAlarm,
  type MetricStat,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { type Kubectl, lookAtKubernetes } from './kubernetes-state.ts';

export interface SmokeClusterOptions {
  /** Such as `minimal-cluster`. */
  readonly stage: string;
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly kubectl: Kubectl;
  readonly nowMs: number;
  readonly log: (line: string) => void;
}

/** Stacks of every cluster in its own region. */
export const clusterStackNames = [
  'Storage',
  'Network',
  'Data',
  'Events',
  'Cluster',
  'Image',
  'Edge',
  'Workloads',
  'Observability',
] as const;

/**
 * Alarms whose metrics come even if nothing happens: the app's own lines by the log add-on, Container
 * Insights, MSK with the lag of the consumer, Valkey.
 */
export const reportingAlarms = [
  'no-healthy-targets',
  'too-few-pods',
  'failed-nodes',
  'node-disk',
  'node-memory',
  'order-events-wait',
  'kafka-offline-partitions',
  'redis-memory',
] as const;

/** MSK and Container Insights report within some minutes. */
const LOOK_BACK_MS = 30 * 60_000;

/**
 * Walks through what only an account can show of the cluster, besides an order, an image and an alarm:
 * stacks, pods, autoscaler, balancer and the metrics that the alarms wait for. Changes nothing. Throws at the
 * first fault.
 */
export async function smokeCluster(options: SmokeClusterOptions): Promise<void> {
  await lookAtStacks(options);
  await lookAtKubernetes(options);
  await lookAtMetrics(options);
}

async function lookAtStacks({ stage, cloudFormation, log }: SmokeClusterOptions): Promise<void> {
  const found = new Map<string, string>();
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {})) {
    for (const { StackName = '', StackStatus = '' } of Stacks) found.set(StackName, StackStatus);
  }
  for (const name of clusterStackNames) {
    const stack = `Rowlock-${stage}-${name}`;
    const status = found.get(stack) ?? 'not there';
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw new Error(`stack ${stack} is ${status}`);
  }
  log(`${clusterStackNames.length} stacks are complete, topics and image included`);
}

async function lookAtMetrics({ stage, cloudWatch, nowMs, log }: SmokeClusterOptions): Promise<void> {
  const prefix = `rowlock-${stage}-`;
  const alarms = new Map<string, MetricAlarm>();
  const pages = paginateDescribeAlarms({ client: cloudWatch }, { AlarmNamePrefix: prefix });
  for await (const { MetricAlarms = [] } of pages) {
    for (const alarm of MetricAlarms) alarms.set((alarm.AlarmName ?? '').slice(prefix.length), alarm);
  }
  const silent: string[] = [];
  for (const name of reportingAlarms) {
    // Several groups of Valkey have an alarm each.
    const own = [...alarms].filter(([found]) => found === name || found.startsWith(`${name}-`));
    if (own.length === 0) throw new Error(`this region has no alarm ${prefix}${name}`);
    for (const [found, alarm] of own) {
      for (const metric of metricsOf(alarm)) {
        if (!(await hasData(metric, cloudWatch, nowMs)))
          silent.push(`${found} (${metric.Metric?.Namespace} ${metric.Metric?.MetricName})`);
      }
    }
  }
  if (silent.length > 0) throw new Error(`no data in the last half hour for: ${silent.join(', ')}`);
  log('pods, nodes, brokers, Valkey and the app report the metrics that the alarms wait for');
}

function metricsOf(alarm: MetricAlarm): MetricStat[] {
  if (alarm.Metrics !== undefined && alarm.Metrics.length > 0)
    return alarm.Metrics.flatMap(({ MetricStat: metric }) => metric ?? []);
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = alarm;
  return [{ Metric: { Namespace, MetricName, Dimensions }, Period, Stat: Statistic ?? ExtendedStatistic }];
}

async function hasData(metric: MetricStat, client: CloudWatchClient, nowMs: number): Promise<boolean> {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMs - LOOK_BACK_MS),
      EndTime: new Date(nowMs),
      MetricDataQueries: [{ Id: 'metric', MetricStat: metric }],
    }),
  );
  return MetricDataResults.some(({ Values = [] }) => Values.length > 0);
}
