import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlarmTopicProps {
  readonly displayName: string;
  readonly email: string | undefined;
}

/**
 * A topic that the account's alarms may publish to. A policy of its own replaces the one that SNS gives a topic, which
 * is what lets alarms in, so the policy has to name their service. Not encrypted: the key that AWS manages for SNS does
 * not let CloudWatch in, and ElastiCache publishes to no encrypted topic.
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { displayName, email }: AlarmTopicProps) {
    super(scope, id, { enforceSSL: true, displayName });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        // Only for alarms of this account.
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) this.addSubscription(new EmailSubscription(email));
  }
}
