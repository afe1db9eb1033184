import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { fiveMinutes, RunbookAlarms } from '../constructs/runbook-alarms.ts';
import { edgeRegion } from './edge-guard-stack.ts';
import { distributionIdOutput, type EdgeStack } from './edge-stack.ts';

export interface EdgeAlarmsStackProps extends StackProps {
  readonly stage: string;
  readonly alarmEmail: string | undefined;
  readonly edge: EdgeStack;
  /** The region of the edge stack, which names none itself. */
  readonly region: string;
}

/** Fewer requests in five minutes say nothing about a share. */
const REQUESTS_MIN = 100;
const ERROR_PERCENT_MAX = 5;

/**
 * The alarm on what visitors get from CloudFront, with a topic of its own: CloudFront writes its metrics in us-east-1 alone, and
 * an alarm sees the metrics and topics of its own region.
 */
export class EdgeAlarmsStack extends Stack {
  constructor(scope: Construct, id: string, props: EdgeAlarmsStackProps) {
    const { stage, alarmEmail, edge, region, ...stackProps } = props;
    super(scope, id, { ...stackProps, env: { region: edgeRegion } });
    this.addStackDependency(edge);
    const alarms = new RunbookAlarms(this, 'Alarms', { stage, email: alarmEmail });
    const metric = (metricName: string, statistic: string) =>
      new Metric({
        namespace: 'AWS/CloudFront',
        metricName,
        dimensionsMap: {
          DistributionId: Fn.getStackOutput(edge.stackName, distributionIdOutput, region),
          Region: 'Global',
        },
        statistic,
        ...fiveMinutes,
      });
    alarms.add({
      runbook: 'failing-edge',
      says: `More than ${ERROR_PERCENT_MAX} % of what visitors ask CloudFront for fails with 5xx, what was shed included.`,
      metric: new MathExpression({
        expression: `IF(requests >= ${REQUESTS_MIN}, errors, 0)`,
        usingMetrics: {
          requests: metric('Requests', Stats.SUM),
          errors: metric('5xxErrorRate', Stats.AVERAGE),
        },
        ...fiveMinutes,
      }),
      above: ERROR_PERCENT_MAX,
      periods: 2,
    });
  }
}
