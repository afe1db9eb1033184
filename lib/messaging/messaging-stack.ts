import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';

export interface MessagingStackProps extends StackProps {
  /** Deletes the queues with the stack, and the events in them. */
  readonly disposable?: boolean;
}

/**
 * The queue for order events and its dead-letter queue, as app/contract/order-events-queue.ts defines them.
 */
export class MessagingStack extends Stack {
  readonly orderEvents: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { disposable, ...props }: MessagingStackProps = {}) {
    super(scope, id, props);
    const removalPolicy =
      disposable === true ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: orderEventsQueue.deadLetterName,
      retentionPeriod: Duration.seconds(orderEventsQueue.deadLetterRetentionS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy,
    });
    this.orderEvents = new Queue(this, 'OrderEvents', {
      queueName: orderEventsQueue.name,
      visibilityTimeout: Duration.seconds(orderEventsQueue.visibilityTimeoutS),
      retentionPeriod: Duration.seconds(orderEventsQueue.retentionS),
      receiveMessageWaitTime: Duration.seconds(orderEventsQueue.receiveWaitS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: orderEventsQueue.receiveCountMax },
    });
  }
}
