import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { StageSettings } from '../stages.ts';
import type { ServiceStack } from '../stacks/service-stack.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from './runbook-alarms.ts';

/** Enough instances of both fleets, and their way out. */
export function instanceAlarms(
  alarms: RunbookAlarms,
  props: { service: ServiceStack; settings: StageSettings; natGatewayIds: readonly string[] },
): void {
  const { service, settings, natGatewayIds } = props;
  const fleets = [
    { about: 'api', name: service.fleet.groupName, instances: settings.fleet.instancesMin },
    { about: 'data-platform', name: service.consumer.groupName, instances: settings.consumer.instances },
  ];
  for (const { about, name, instances } of fleets) {
    alarms.add({
      runbook: 'too-few-instances',
      about,
      says: `Fewer than ${instances} instances of ${about} have been in service for ten minutes.`,
      metric: new Metric({
        namespace: 'AWS/AutoScaling',
        metricName: 'GroupInServiceInstances',
        dimensionsMap: { AutoScalingGroupName: name },
        ...oneMinute,
        statistic: Stats.MINIMUM,
      }),
      below: instances,
      periods: 10,
      missingIsBad: true,
    });
  }
  for (const [index, NatGatewayId] of natGatewayIds.entries()) {
    alarms.add({
      runbook: 'nat-out-of-ports',
      about: `${index + 1}`,
      says: 'A NAT gateway has no port left for new connections to AWS.',
      metric: new Metric({
        namespace: 'AWS/NATGateway',
        metricName: 'ErrorPortAllocation',
        dimensionsMap: { NatGatewayId },
        ...fiveMinutes,
        statistic: Stats.SUM,
      }),
      above: 0,
      periods: 1,
    });
  }
}
