import { Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { AlarmTopic } from '../observability/alarm-topic.ts';

/**
 * Events of RDS that no metric shows. Backups are left out, and so are changes of settings, because each
 * password rotation is one.
 */
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

/** Mails with messages of RDS and ElastiCache, such as failovers, maintenance and storage near its limit. */
export class DataEvents extends Construct {
  readonly topic: AlarmTopic;

  constructor(scope: Construct, id: string, { stage, email }: { stage: string; email: string | undefined }) {
    super(scope, id);
    this.topic = new AlarmTopic(this, 'Topic', {
      displayName: `Rowlock ${stage}: data`,
      publishers: ['events.rds.amazonaws.com'],
      email,
    });
    // ElastiCache publishes in the name of the account and requires exactly this condition ("Managing
    // ElastiCache Amazon SNS notifications").
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
    // RDS publishes to the topic when it creates the subscription.
    subscription.node.addDependency(this.topic);
  }
}
