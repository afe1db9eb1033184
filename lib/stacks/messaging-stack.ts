import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { orderEventsQueue } from '../order-events-queue.ts';

/** The queue of order events with its dead-letter queue, as lib/order-events-queue.ts defines them. */
export class MessagingStack extends Stack {
  readonly orderEvents: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: orderEventsQueue.deadLetterName,
      retentionPeriod: Duration.seconds(orderEventsQueue.deadLetterRetentionS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    this.orderEvents = new Queue(this, 'OrderEvents', {
      queueName: orderEventsQueue.name,
      visibilityTimeout: Duration.seconds(orderEventsQueue.visibilityTimeoutS),
      retentionPeriod: Duration.seconds(orderEventsQueue.retentionS),
      receiveMessageWaitTime: Duration.seconds(orderEventsQueue.receiveWaitS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: orderEventsQueue.receiveCountMax },
    });
  }
}
