import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { AlarmTopic } from '../observability/alarm-topic.ts';

/** What RDS reports about itself and no metric shows. Not in it: backups, and changes of settings, such as each rotation of the password. */
const categories = [
  'availability',
  'failover',
  'failure',
  'low storage',
  'maintenance',
  'notification',
  'read replica',
  'recovery',
];

/** Messages of RDS and ElastiCache: failovers, maintenance, storage that nears its ceiling. They go by mail. */
export class DataEvents extends Construct {
  readonly topic: AlarmTopic;

  constructor(scope: Construct, id: string, { stage, email }: { stage: string; email: string | undefined }) {
    super(scope, id);
    this.topic = new AlarmTopic(this, 'Topic', {
      displayName: `Rowlock ${stage}: data`,
      publishers: ['events.rds.amazonaws.com'],
      email,
    });
    // ElastiCache publishes in the name of the account, and asks for this condition and no other ("Managing ElastiCache
    // Amazon SNS notifications").
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ElastiCache',
        principals: [new AnyPrincipal()],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'AWS:SourceOwner': Stack.of(this).account } },
      }),
    );
  }

  subscribe(instanceIds: readonly string[]): void {
    const subscription = new CfnEventSubscription(this, 'Database', {
      snsTopicArn: this.topic.topicArn,
      sourceType: 'db-instance',
      sourceIds: [...instanceIds],
      eventCategories: categories,
    });
    // RDS tries the topic when the subscription is made.
    subscription.node.addDependency(this.topic);
  }
}
