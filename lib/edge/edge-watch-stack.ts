import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { certificateAlarm } from './certificate-alarm.ts';
import { DistributionLog } from './distribution-log.ts';
import { fiveMinutes, RunbookAlarms } from '../observability/runbook-alarms.ts';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import { edgeRegion } from '../settings/edge-region.ts';
import { distributionIdOutput } from './distribution-id-output.ts';

export interface EdgeWatchStackProps extends StackProps {
  readonly stage: string;
  readonly options: DeploymentOptions;
  readonly logDays: number;
  /** The stack with the distribution. */
  readonly edge: Stack;
  /** Region of the edge stack, which does not name one itself. */
  readonly region: string;
}

/** With fewer requests per five minutes, the share of errors means nothing. */
const REQUESTS_MIN = 100;
const ERROR_PERCENT_MAX = 5;

/**
 * CloudFront's access log, and alarms on what visitors receive, with their own topics. CloudFront supports
 * its metrics and its log's destination only in us-east-1, and an alarm sees only metrics and topics of its
 * own region.
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
      says: `More than ${ERROR_PERCENT_MAX} % of CloudFront's requests fail with 5xx, including shed ones.`,
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
