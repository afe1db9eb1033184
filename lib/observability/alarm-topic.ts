import { Stack } from 'aws-cdk-lib';
import { type Condition, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlarmTopicProps {
  readonly displayName: string;
  /** Services of AWS that publish to it, of this account alone. */
  readonly publishers: readonly string[];
  readonly email?: string | undefined;
  /** Of a pager that takes messages of SNS and confirms the subscription by itself. */
  readonly url?: string | undefined;
}

/**
 * A topic for people. A policy of its own replaces the one that SNS gives a topic, which is what lets services of the
 * account in, so the policy has to name them. Not encrypted: the key that AWS manages for SNS does not let CloudWatch in,
 * and ElastiCache publishes to no encrypted topic.
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { displayName, publishers, email, url }: AlarmTopicProps) {
    super(scope, id, { enforceSSL: true, displayName });
    for (const service of publishers) {
      this.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(service)],
          actions: ['sns:Publish'],
          resources: [this.topicArn],
          conditions: sameAccount(Stack.of(this).account),
        }),
      );
    }
    if (email !== undefined) this.addSubscription(new EmailSubscription(email));
    if (url !== undefined) {
      this.addSubscription(new UrlSubscription(url, { protocol: SubscriptionProtocol.HTTPS }));
    }
  }
}

function sameAccount(account: string): Record<string, Condition> {
  return { StringEquals: { 'aws:SourceAccount': account } };
}
