import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { Dashboard, GraphWidget, type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { edgeRegion } from '../settings/edge-region.ts';
import { oneMinute } from './runbook-alarms.ts';
import { shopMetric } from './shop-metric.ts';

export interface OverviewDashboardProps {
  readonly stage: string;
  readonly api: RestApi;
  readonly targets: ApplicationTargetGroup;
  readonly distribution: IDistribution;
  readonly orderEvents: IQueue;
  readonly deadLetters: IQueue;
  readonly database: IDatabaseInstance;
  readonly replica: IDatabaseInstance | undefined;
  readonly redisNodeIds: readonly string[];
}

const WIDTH = 8;

const sum = { ...oneMinute, statistic: Stats.SUM };
const worst = { ...oneMinute, statistic: Stats.MAXIMUM };
const at = (percentile: number) => ({ ...oneMinute, statistic: Stats.percentile(percentile) });
export const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH });

/** One page from the client's view down to the database. Read it from the top when something is wrong. */
export class OverviewDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OverviewDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `rowlock-${props.stage}` });
    for (const row of [requests, instances, database, redis, distribution]) {
      dashboard.addWidgets(...row(props));
    }
  }
}

function requests({ stage, api }: OverviewDashboardProps): GraphWidget[] {
  return [
    graph('Requests per minute', api.metricCount(sum)),
    graph(
      'Rejected, failed and shed requests per minute',
      api.metricClientError(sum),
      api.metricServerError(sum),
      shopMetric('RequestsShed', 'api', stage, Stats.SUM),
    ),
    graph('Latency, ms', api.metricLatency(at(50)), api.metricLatency(at(99))),
  ];
}

function instances({ targets, orderEvents, deadLetters }: OverviewDashboardProps): GraphWidget[] {
  const { metrics } = targets;
  return [
    graph('Instances', metrics.healthyHostCount(worst), metrics.unhealthyHostCount(worst)),
    graph('Time in the app, s', metrics.targetResponseTime(at(50)), metrics.targetResponseTime(at(99))),
    graph(
      'Order events: oldest, s',
      orderEvents.metricApproximateAgeOfOldestMessage(worst),
      deadLetters.metricApproximateNumberOfMessagesVisible(worst),
    ),
  ];
}

export function database({ database: writer }: Pick<OverviewDashboardProps, 'database'>): GraphWidget[] {
  return [
    graph('MySQL: processors, %', writer.metricCPUUtilization(worst)),
    graph('MySQL: connections', writer.metricDatabaseConnections(worst)),
    graph('MySQL: writes per second', writer.metricWriteIOPS(worst)),
  ];
}

export function redis({ redisNodeIds }: Pick<OverviewDashboardProps, 'redisNodeIds'>): GraphWidget[] {
  const metrics = (metricName: string) =>
    redisNodeIds.map(
      (CacheClusterId) =>
        new Metric({
          namespace: 'AWS/ElastiCache',
          metricName,
          dimensionsMap: { CacheClusterId },
          label: CacheClusterId,
          ...worst,
        }),
    );
  return [
    graph('Redis: processors, %', ...metrics('CPUUtilization')),
    graph('Redis: memory, %', ...metrics('DatabaseMemoryUsagePercentage')),
    graph('Redis: connections', ...metrics('CurrConnections')),
  ];
}

/** With the replica, which serves catalogue reads that CloudFront has not cached. */
export function distribution({
  distribution: shop,
  replica,
}: Pick<OverviewDashboardProps, 'distribution' | 'replica'>): GraphWidget[] {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/CloudFront',
      metricName,
      dimensionsMap: { DistributionId: shop.distributionId, Region: 'Global' },
      region: edgeRegion,
      ...oneMinute,
      statistic,
    });
  const graphs = [
    graph('CloudFront: requests per minute', metric('Requests', Stats.SUM)),
    graph(
      'CloudFront: errors, %',
      metric('4xxErrorRate', Stats.AVERAGE),
      metric('5xxErrorRate', Stats.AVERAGE),
    ),
  ];
  if (replica === undefined) return graphs;
  return [
    ...graphs,
    graph(
      'Replica: lag, s; processors, %',
      replica.metric('ReplicaLag', worst),
      replica.metricCPUUtilization(worst),
    ),
  ];
}
