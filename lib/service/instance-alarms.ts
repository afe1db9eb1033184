import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { instanceMetricDimensions, type InstanceMetricName } from '../instance/instance-metrics.ts';
import { metricsNamespace } from '../../app/contract/shop-metrics.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';

const DISK_PERCENT_MAX = 85;
const MEMORY_PERCENT_MAX = 90;
/** Credits are minutes of one core; a t4g.small earns this share of a core. */
const CREDITS_MIN = 10;
const BASELINE_PERCENT = 20;

export interface WatchedFleet {
  readonly name: string;
  readonly groupName: string;
  readonly instancesMin: number;
  readonly instanceType: string;
}

/** Alarms on the number of instances of each fleet, and on their disk, memory and CPU credits. */
export function instanceAlarms(alarms: RunbookAlarms, fleets: readonly WatchedFleet[], stage: string): void {
  for (const { name, groupName, instancesMin, instanceType } of fleets) {
    instanceLimits(alarms, stage, name);
    if (instanceType.startsWith('t')) instanceCredits(alarms, name, groupName);
    alarms.add({
      runbook: 'too-few-instances',
      severity: 'mail',
      about: name,
      says: `Fewer than ${instancesMin} instances of ${name} have been in service for ten minutes.`,
      metric: new Metric({
        namespace: 'AWS/AutoScaling',
        metricName: 'GroupInServiceInstances',
        dimensionsMap: { AutoScalingGroupName: groupName },
        ...oneMinute,
        statistic: Stats.MINIMUM,
      }),
      below: instancesMin,
      periods: 10,
      missingIsBad: true,
    });
  }
}

/**
 * Alarms on the log shipper's metrics. Missing data means that the instance's log lines are missing as well.
 */
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
    says: `The disk of a ${fleet} instance is more than ${DISK_PERCENT_MAX} % full, or none ships its log.`,
    metric: worst('DiskUsed'),
    above: DISK_PERCENT_MAX,
    periods: 10,
    missingIsBad: true,
  });
  alarms.add({
    runbook: 'instance-memory',
    about: fleet,
    severity: 'mail',
    says: `A ${fleet} instance has used more than ${MEMORY_PERCENT_MAX} % of its memory for ten minutes.`,
    metric: worst('MemoryUsed'),
    above: MEMORY_PERCENT_MAX,
    periods: 10,
  });
}

/**
 * Alarm on instances that run beyond their credits: unlimited ones are charged for, standard ones slow down.
 * A new instance has few credits but spends none, so the CPU must be above the baseline as well.
 */
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
    says: `A ${about} instance uses more CPU than its credits cover.`,
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
