import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { RunbookAlarms } from '../observability/runbook-alarms.ts';

/** ACM renews a certificate 60 days before it expires if the DNS record for its validation still exists. */
const CERTIFICATE_DAYS_MIN = 30;

/** Alarm on a certificate that was not renewed; none without an ARN. `alarms` must be in its region. */
export function certificateAlarm(alarms: RunbookAlarms, arn: string | undefined, of: 'API' | 'shop'): void {
  if (arn === undefined) return;
  alarms.add({
    runbook: 'certificate-expires',
    ...(of === 'API' ? {} : { about: of }),
    severity: 'mail',
    says: `The certificate of the ${of} was not renewed and expires within ${CERTIFICATE_DAYS_MIN} days.`,
    metric: new Metric({
      namespace: 'AWS/CertificateManager',
      metricName: 'DaysToExpiry',
      dimensionsMap: { CertificateArn: arn },
      period: Duration.days(1),
      statistic: Stats.MINIMUM,
    }),
    below: CERTIFICATE_DAYS_MIN,
    periods: 1,
  });
}
