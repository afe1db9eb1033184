import type { App, StackProps } from 'aws-cdk-lib';
import { dataAlarms } from './data/data-alarms.ts';
import type { DataStack } from './data/data-stack.ts';
import { certificateAlarm } from './edge/certificate-alarm.ts';
import type { EdgeStack } from './edge/edge-stack.ts';
import { requestAlarms } from './edge/request-alarms.ts';
import { eventAlarms } from './messaging/event-alarms.ts';
import type { MessagingStack } from './messaging/messaging-stack.ts';
import { natAlarms } from './network/nat-alarms.ts';
import type { NetworkStack } from './network/network-stack.ts';
import { budgetAlarm } from './observability/budget-alarm.ts';
import { ObservabilityStack } from './observability/observability-stack.ts';
import { OverviewDashboard } from './observability/overview-dashboard.ts';
import type { RunbookAlarms } from './observability/runbook-alarms.ts';
import { instanceAlarms, type WatchedFleet } from './service/instance-alarms.ts';
import { processAlarms } from './service/process-alarms.ts';
import type { ServiceStack } from './service/service-stack.ts';
import { shopAlarms } from './service/shop-alarms.ts';
import type { DeploymentOptions } from './settings/deployment-options.ts';
import type { StageSettings } from './settings/stage-settings.ts';

export interface WatchedStacks extends StackProps {
  readonly settings: StageSettings;
  readonly options: DeploymentOptions;
  readonly network: NetworkStack;
  readonly messaging: MessagingStack;
  readonly data: DataStack;
  readonly edge: EdgeStack;
  readonly service: ServiceStack;
}

/** Creates the stack with the dashboard and the alarms of every room. */
export function watchStacks(app: App, id: string, watched: WatchedStacks): ObservabilityStack {
  const { settings, options, messaging, data, edge } = watched;
  const { name: stage } = settings;
  return new ObservabilityStack(app, id, {
    alarms: { stage, email: options.alarmEmail, pageUrl: options.alarmPageUrl },
    addAlarms: (alarms) => addAlarms(alarms, watched),
    addOverview: (stack) =>
      new OverviewDashboard(stack, 'Overview', {
        stage,
        api: edge.frontDoor.api,
        targets: edge.balancer.targets,
        distribution: edge.shop.distribution,
        orderEvents: messaging.orderEvents,
        deadLetters: messaging.deadLetters,
        database: data.database.instance,
        replica: data.database.replica,
        redisNodeIds: [...new Set([data.redis.state, data.redis.cache])].flatMap(({ nodeIds }) => nodeIds),
      }),
  });
}

function addAlarms(alarms: RunbookAlarms, watched: WatchedStacks): void {
  const { settings, options, network, messaging, data, edge, service } = watched;
  const { name: stage } = settings;
  const { fleet, consumer } = service;
  const fleets: readonly WatchedFleet[] = [
    { name: 'api', groupName: fleet.groupName, ...settings.fleet },
    {
      name: 'data-platform',
      groupName: consumer.groupName,
      instancesMin: settings.consumer.instances,
      instanceType: settings.consumer.instanceType,
    },
  ];
  requestAlarms(alarms, edge, settings);
  shopAlarms(alarms, stage);
  const { orderEvents, deadLetters } = messaging;
  eventAlarms(alarms, { orderEvents, deadLetters, senderLog: fleet.log, consumerLog: consumer.log }, stage);
  processAlarms(alarms, { fleet: fleet.log, consumer: consumer.log }, stage);
  instanceAlarms(alarms, fleets, stage);
  natAlarms(alarms, network.natGatewayIds);
  dataAlarms(alarms, data, settings);
  certificateAlarm(alarms, options.regionalCertificateArn, 'API');
  budgetAlarm(alarms, options.budgetUsd, stage);
}
