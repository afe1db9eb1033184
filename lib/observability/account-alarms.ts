import { Duration } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import type { RunbookAlarms } from './runbook-alarms.ts';

/** ACM renews 60 days ahead where the DNS record of the validation is still there. */
const CERTIFICATE_DAYS_MIN = 30;

/** What runs out with time and not with load: the certificate of the region, and the budget where there is one. */
export function accountAlarms(
  alarms: RunbookAlarms,
  { regionalCertificateArn, budgetUsd }: DeploymentOptions,
  stage: string,
): void {
  certificateAlarm(alarms, regionalCertificateArn, 'API');
  if (budgetUsd === undefined) return;
  const subscribers = [{ subscriptionType: 'SNS', address: alarms.topic('mail').topicArn }];
  const notice = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN' },
    subscribers,
  });
  const budget = new CfnBudget(alarms, 'Budget', {
    budget: {
      budgetName: `rowlock-${stage}`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: budgetUsd, unit: 'USD' },
    },
    notificationsWithSubscribers: [notice('ACTUAL', 80), notice('FORECASTED', 100)],
  });
  // AWS Budgets refuses a topic that it may not publish to yet.
  budget.node.addDependency(alarms.topic('mail'));
}

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
