import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { instanceMetricDimensions, type InstanceMetricName } from '../instance/instance-metrics.ts';
import { metricsNamespace } from '../../app/contract/shop-metrics.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import type { ServiceStack } from './service-stack.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';

const DISK_PERCENT_MAX = 85;
const MEMORY_PERCENT_MAX = 90;
/** Minutes of one core, and the share of a core that a t4g.small earns. */
const CREDITS_MIN = 10;
const BASELINE_PERCENT = 20;

/** Enough instances of both fleets, and their way out. */
export function instanceAlarms(
  alarms: RunbookAlarms,
  props: { service: ServiceStack; settings: StageSettings; natGatewayIds: readonly string[] },
): void {
  const { service, settings, natGatewayIds } = props;
  const fleets = [
    {
      about: 'api',
      name: service.fleet.groupName,
      instances: settings.fleet.instancesMin,
      instanceType: settings.fleet.instanceType,
    },
    {
      about: 'data-platform',
      name: service.consumer.groupName,
      instances: settings.consumer.instances,
      instanceType: settings.consumer.instanceType,
    },
  ];
  for (const { about, name, instances, instanceType } of fleets) {
    instanceLimits(alarms, settings.name, about);
    if (instanceType.startsWith('t')) instanceCredits(alarms, about, name);
    alarms.add({
      runbook: 'too-few-instances',
      severity: 'mail',
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
      severity: 'mail',
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

/** What the log shipper of each instance reports: its silence means that no line of the instance arrives either. */
function instanceLimits(alarms: RunbookAlarms, stage: string, fleet: string): void {
  const [stageName, fleetName] = instanceMetricDimensions;
  const worst = (metricName: InstanceMetricName) =>
    new Metric({
      namespace: metricsNamespace,
      metricName,
      dimensionsMap: { [stageName]: stage, [fleetName]: fleet },
      ...oneMinute,
      statistic: Stats.MAXIMUM,
    });
  alarms.add({
    runbook: 'instance-disk',
    about: fleet,
    severity: 'mail',
    says: `The disk of an instance of ${fleet} is more than ${DISK_PERCENT_MAX} % full, or none ships its log.`,
    metric: worst('DiskUsed'),
    above: DISK_PERCENT_MAX,
    periods: 10,
    missingIsBad: true,
  });
  alarms.add({
    runbook: 'instance-memory',
    about: fleet,
    severity: 'mail',
    says: `An instance of ${fleet} has used more than ${MEMORY_PERCENT_MAX} % of its memory for ten minutes.`,
    metric: worst('MemoryUsed'),
    above: MEMORY_PERCENT_MAX,
    periods: 10,
  });
}

/** An unlimited instance is charged for, a standard one slows down; a new one has few credits and spends none. */
function instanceCredits(alarms: RunbookAlarms, about: string, AutoScalingGroupName: string): void {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/EC2',
      metricName,
      dimensionsMap: { AutoScalingGroupName },
      ...fiveMinutes,
      statistic,
    });
  alarms.add({
    runbook: 'instance-credits',
    about,
    severity: 'mail',
    says: `An instance of ${about} works above what its credits pay for.`,
    metric: new MathExpression({
      expression: `IF(FILL(charged, 0) > 0 || (credits < ${CREDITS_MIN} && cpu > ${BASELINE_PERCENT}), 1, 0)`,
      usingMetrics: {
        charged: metric('CPUSurplusCreditsCharged', Stats.MAXIMUM),
        credits: metric('CPUCreditBalance', Stats.MINIMUM),
        cpu: metric('CPUUtilization', Stats.MAXIMUM),
      },
      ...fiveMinutes,
    }),
    above: 0,
    periods: 3,
  });
}
