import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { Dashboard, type GraphWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { kafkaMetrics } from '../messaging/kafka-alarms.ts';
import { database, distribution, graph, redis } from '../observability/overview-dashboard.ts';
import { fiveMinutes } from '../observability/runbook-alarms.ts';
import { shopMetric } from '../observability/shop-metric.ts';
import { namespace } from './names.ts';

export interface ClusterDashboardProps {
  readonly stage: string;
  readonly distribution: IDistribution;
  readonly kafka: { readonly clusterName: string; readonly brokers: number };
  readonly database: IDatabaseInstance;
  readonly replica: IDatabaseInstance | undefined;
  readonly redisNodeIds: readonly string[];
}

/** One page from the client's view down to the database, as in the other shape. */
export class ClusterDashboard extends Construct {
  constructor(scope: Construct, id: string, props: ClusterDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `rowlock-${props.stage}` });
    for (const row of [requests, pods, kafka, database, redis, distribution]) {
      dashboard.addWidgets(...row(props));
    }
  }
}

function requests({ stage }: ClusterDashboardProps): GraphWidget[] {
  return [
    graph('Requests per minute', shopMetric('HttpRequests', 'api', stage, Stats.SUM)),
    graph(
      'Failed and shed requests per minute',
      shopMetric('HttpServerErrors', 'api', stage, Stats.SUM),
      shopMetric('RequestsShed', 'api', stage, Stats.SUM),
    ),
    graph(
      'Latency, ms',
      shopMetric('HttpLatency', 'api', stage, Stats.percentile(50)),
      shopMetric('HttpLatency', 'api', stage, Stats.percentile(99)),
    ),
  ];
}

function pods({ stage }: ClusterDashboardProps): GraphWidget[] {
  const insight = (metricName: string, statistic: string, dimensions: Record<string, string> = {}) =>
    new Metric({
      namespace: 'ContainerInsights',
      metricName,
      dimensionsMap: { ClusterName: `rowlock-${stage}`, ...dimensions },
      ...fiveMinutes,
      statistic,
    });
  return [
    graph(
      'Pods and nodes',
      insight('namespace_number_of_running_pods', Stats.MINIMUM, { Namespace: namespace }),
      insight('cluster_node_count', Stats.AVERAGE),
    ),
    graph(
      'Nodes: processors and memory, %',
      insight('node_cpu_utilization', Stats.MAXIMUM),
      insight('node_memory_utilization', Stats.MAXIMUM),
    ),
    graph('Event loop delay, ms', shopMetric('EventLoopDelay', 'api', stage, Stats.MAXIMUM)),
  ];
}

function kafka({ stage, kafka: brokers }: ClusterDashboardProps): GraphWidget[] {
  const { lag, disk, cpu } = kafkaMetrics(brokers);
  return [
    graph('Order events that wait', lag, shopMetric('OutboxRows', 'worker', stage, Stats.MAXIMUM)),
    graph('Kafka: processors, %', ...cpu),
    graph('Kafka: disk, %', ...disk),
  ];
}
