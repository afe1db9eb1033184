import type { App } from 'aws-cdk-lib';
import { ClusterDashboard } from './cluster/cluster-dashboard.ts';
import type { ClusterEdgeStack } from './cluster/cluster-edge-stack.ts';
import type { ClusterStack } from './cluster/cluster-stack.ts';
import { podAlarms, podRequestAlarms } from './cluster/pod-alarms.ts';
import { dataAlarms } from './data/data-alarms.ts';
import type { DataStack } from './data/data-stack.ts';
import { certificateAlarm } from './edge/certificate-alarm.ts';
import { eventLogAlarms } from './messaging/event-alarms.ts';
import { kafkaAlarms } from './messaging/kafka-alarms.ts';
import type { KafkaStack } from './messaging/kafka-stack.ts';
import { natAlarms } from './network/nat-alarms.ts';
import type { NetworkStack } from './network/network-stack.ts';
import { budgetAlarm } from './observability/budget-alarm.ts';
import { ObservabilityStack } from './observability/observability-stack.ts';
import type { RunbookAlarms } from './observability/runbook-alarms.ts';
import { processAlarms } from './service/process-alarms.ts';
import { shopAlarms } from './service/shop-alarms.ts';
import type { ClusterSettings } from './settings/cluster-settings.ts';
import type { DeploymentOptions } from './settings/deployment-options.ts';

export interface WatchedCluster {
  readonly settings: ClusterSettings;
  readonly options: DeploymentOptions;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly events: KafkaStack;
  readonly cluster: ClusterStack;
  readonly edge: ClusterEdgeStack;
}

/** Creates the stack with the dashboard and the alarms of every room, for the shape `cluster`. */
export function watchClusterStacks(app: App, id: string, watched: WatchedCluster): ObservabilityStack {
  const { settings, options, data, edge } = watched;
  const { name: stage } = settings.shared;
  return new ObservabilityStack(app, id, {
    alarms: { stage, email: options.alarmEmail, pageUrl: options.alarmPageUrl },
    addAlarms: (alarms) => addAlarms(alarms, watched),
    addOverview: (stack) =>
      new ClusterDashboard(stack, 'Overview', {
        stage,
        distribution: edge.shop.distribution,
        kafka: brokersOf(watched),
        database: data.database.instance,
        replica: data.database.replica,
        redisNodeIds: [data.redis.state, data.redis.cache].flatMap(({ nodeIds }) => nodeIds),
      }),
  });
}

function addAlarms(alarms: RunbookAlarms, watched: WatchedCluster): void {
  const { settings, options, network, data, cluster } = watched;
  const { name: stage } = settings.shared;
  const { api, 'data-platform': consumer } = cluster.logs;
  podRequestAlarms(alarms, stage);
  shopAlarms(alarms, stage);
  kafkaAlarms(alarms, { ...brokersOf(watched), consumerLog: consumer }, stage);
  eventLogAlarms(alarms, { senderLog: api, consumerLog: consumer }, stage);
  processAlarms(alarms, { fleet: api, consumer }, stage);
  podAlarms(alarms, settings);
  natAlarms(alarms, network.natGatewayIds);
  dataAlarms(alarms, data, settings.shared);
  certificateAlarm(alarms, options.regionalCertificateArn, 'API');
  budgetAlarm(alarms, options.budgetUsd, stage);
}

function brokersOf({ events, settings }: WatchedCluster) {
  return { clusterName: events.kafka.clusterName, brokers: settings.kafka.brokers };
}
