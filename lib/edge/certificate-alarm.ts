import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { RunbookAlarms } from '../observability/runbook-alarms.ts';

/** ACM renews 60 days ahead where the DNS record of the validation is still there. */
const CERTIFICATE_DAYS_MIN = 30;

/** In the region of the certificate; no alarm where there is none. */
export function certificateAlarm(alarms: RunbookAlarms, arn: string | undefined, of: 'API' | 'shop'): void {
  if (arn === undefined) return;
  alarms.add({
    runbook: 'certificate-expires',
    ...(of === 'API' ? {} : { about: of }),
    severity: 'mail',
    says: `The certificate of the ${of} expires in less than ${CERTIFICATE_DAYS_MIN} days: it was not renewed.`,
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
