import { Stack } from 'aws-cdk-lib';
import { type Condition, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlarmTopicProps {
  readonly displayName: string;
  /** AWS services that may publish to the topic, for this account only. */
  readonly publishers: readonly string[];
  readonly email?: string | undefined;
  /** URL of a pager that accepts SNS messages and confirms the subscription itself. */
  readonly url?: string | undefined;
}

/**
 * Topic whose messages people read. The topic's own policy replaces SNS's default, which admits the account's
 * services, so it must name them. Not encrypted: the AWS-managed key for SNS rejects CloudWatch, and
 * ElastiCache cannot publish to an encrypted topic.
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
