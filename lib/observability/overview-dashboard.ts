import { Dashboard, GraphWidget, type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import type { EdgeStack } from '../edge/edge-stack.ts';
import type { MessagingStack } from '../messaging/messaging-stack.ts';
import { oneMinute } from './runbook-alarms.ts';
import { shopMetric } from './shop-metric.ts';

export interface OverviewDashboardProps {
  readonly stage: string;
  readonly edge: EdgeStack;
  readonly data: DataStack;
  readonly messaging: MessagingStack;
}

const WIDTH = 8;

/** One page from the client's view down to the rows: read from the top when something is wrong. */
export class OverviewDashboard extends Construct {
  constructor(scope: Construct, id: string, { stage, edge, data, messaging }: OverviewDashboardProps) {
    super(scope, id);
    const { api } = edge.frontDoor;
    const { metrics } = edge.balancer.targets;
    const { instance } = data.database;
    const sum = { ...oneMinute, statistic: Stats.SUM };
    const worst = { ...oneMinute, statistic: Stats.MAXIMUM };
    const at = (percentile: number) => ({ ...oneMinute, statistic: Stats.percentile(percentile) });
    const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH });
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `rowlock-${stage}` });
    dashboard.addWidgets(
      graph('Requests a minute', api.metricCount(sum)),
      graph(
        'Refused, failed and shed requests a minute',
        api.metricClientError(sum),
        api.metricServerError(sum),
        shopMetric('RequestsShed', 'api', stage, Stats.SUM),
      ),
      graph('Latency, ms', api.metricLatency(at(50)), api.metricLatency(at(99))),
    );
    dashboard.addWidgets(
      graph('Instances', metrics.healthyHostCount(worst), metrics.unhealthyHostCount(worst)),
      graph('Time in the app, s', metrics.targetResponseTime(at(50)), metrics.targetResponseTime(at(99))),
      graph(
        'Order events: oldest, s',
        messaging.orderEvents.metricApproximateAgeOfOldestMessage(worst),
        messaging.deadLetters.metricApproximateNumberOfMessagesVisible(worst),
      ),
    );
    dashboard.addWidgets(
      graph('MySQL: processors, %', instance.metricCPUUtilization(worst)),
      graph('MySQL: connections', instance.metricDatabaseConnections(worst)),
      graph('MySQL: writes a second', instance.metricWriteIOPS(worst)),
    );
    const ofRedis = (metricName: string) =>
      [...new Set([data.redis.state, data.redis.cache])]
        .flatMap(({ nodeIds }) => nodeIds)
        .map(
          (CacheClusterId) =>
            new Metric({
              namespace: 'AWS/ElastiCache',
              metricName,
              dimensionsMap: { CacheClusterId },
              label: CacheClusterId,
              ...worst,
            }),
        );
    dashboard.addWidgets(
      graph('Redis: processors, %', ...ofRedis('CPUUtilization')),
      graph('Redis: memory, %', ...ofRedis('DatabaseMemoryUsagePercentage')),
      graph('Redis: connections', ...ofRedis('CurrConnections')),
    );
    const { replica } = data.database;
    const ofShop = (metricName: string, statistic: string) =>
      new Metric({
        namespace: 'AWS/CloudFront',
        metricName,
        dimensionsMap: { DistributionId: edge.shop.distribution.distributionId, Region: 'Global' },
        // CloudFront reports there alone.
        region: 'us-east-1',
        ...oneMinute,
        statistic,
      });
    dashboard.addWidgets(
      graph('CloudFront: requests a minute', ofShop('Requests', Stats.SUM)),
      graph(
        'CloudFront: errors, %',
        ofShop('4xxErrorRate', Stats.AVERAGE),
        ofShop('5xxErrorRate', Stats.AVERAGE),
      ),
      ...(replica === undefined
        ? []
        : [
            graph(
              'Replica: behind, s; processors, %',
              replica.metric('ReplicaLag', worst),
              replica.metricCPUUtilization(worst),
            ),
          ]),
    );
  }
}
