import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { RunbookAlarms } from './runbook-alarms.ts';

/** Sends an e-mail when the account's bill reaches 80 % of the budget, or when AWS forecasts all of it. */
export function budgetAlarm(alarms: RunbookAlarms, budgetUsd: number | undefined, stage: string): void {
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
  // AWS Budgets rejects a topic that it may not publish to yet.
  budget.node.addDependency(alarms.topic('mail'));
}
