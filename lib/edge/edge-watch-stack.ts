import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { certificateAlarm } from './certificate-alarm.ts';
import { DistributionLog } from './distribution-log.ts';
import { fiveMinutes, RunbookAlarms } from '../observability/runbook-alarms.ts';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import { edgeRegion } from '../settings/edge-region.ts';
import { distributionIdOutput, type EdgeStack } from './edge-stack.ts';

export interface EdgeWatchStackProps extends StackProps {
  readonly stage: string;
  readonly options: DeploymentOptions;
  readonly logDays: number;
  readonly edge: EdgeStack;
  /** The region of the edge stack, which names none itself. */
  readonly region: string;
}

/** Fewer requests in five minutes say nothing about a share. */
const REQUESTS_MIN = 100;
const ERROR_PERCENT_MAX = 5;

/**
 * What visitors get from CloudFront: its access log, and alarms with topics of their own. CloudFront writes its metrics and takes
 * its log's destination in us-east-1 alone, and an alarm sees the metrics and topics of its own region.
 */
export class EdgeWatchStack extends Stack {
  constructor(scope: Construct, id: string, props: EdgeWatchStackProps) {
    const { stage, options, logDays, edge, region, ...stackProps } = props;
    super(scope, id, { ...stackProps, env: { region: edgeRegion } });
    this.addStackDependency(edge);
    const distributionId = Fn.getStackOutput(edge.stackName, distributionIdOutput, region);
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new DistributionLog(this, 'AccessLog', { stage, distributionId, keptDays: logDays });
    const alarms = new RunbookAlarms(this, 'Alarms', {
      stage,
      email: options.alarmEmail,
      pageUrl: options.alarmPageUrl,
    });
    certificateAlarm(alarms, options.edgeCertificateArn, 'shop');
    const metric = (metricName: string, statistic: string) =>
      new Metric({
        namespace: 'AWS/CloudFront',
        metricName,
        dimensionsMap: {
          DistributionId: distributionId,
          Region: 'Global',
        },
        statistic,
        ...fiveMinutes,
      });
    alarms.add({
      runbook: 'failing-edge',
      severity: 'page',
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
