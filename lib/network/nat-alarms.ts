import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { fiveMinutes, type RunbookAlarms } from '../observability/runbook-alarms.ts';

/** Exhausted NAT gateways, through which the private subnets reach AWS. */
export function natAlarms(alarms: RunbookAlarms, natGatewayIds: readonly string[]): void {
  for (const [index, NatGatewayId] of natGatewayIds.entries()) {
    alarms.add({
      runbook: 'nat-out-of-ports',
      severity: 'mail',
      about: `${index + 1}`,
      says: 'A NAT gateway has no free port for new connections to AWS.',
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
