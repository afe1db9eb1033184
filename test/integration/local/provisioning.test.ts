import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect } from 'chai';
import { orderEventsQueue } from '../../../app/contract/order-events-queue.ts';
import { createTestAws } from '../../support/servers/aws.ts';

describe('local provisioning', () => {
  it('creates the queues of the shared definition', async () => {
    const { sqs, queueUrl, deadLetterQueueUrl } = await createTestAws();
    const attributesOf = async (QueueUrl: string) =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
    const [events, deadLetters] = await Promise.all([
      attributesOf(queueUrl),
      attributesOf(deadLetterQueueUrl),
    ]);
    expect(events).to.include({
      VisibilityTimeout: String(orderEventsQueue.visibilityTimeoutS),
      MessageRetentionPeriod: String(orderEventsQueue.retentionS),
      ReceiveMessageWaitTimeSeconds: String(orderEventsQueue.receiveWaitS),
    });
    const redrive = JSON.parse(events['RedrivePolicy'] ?? '{}') as Record<string, unknown>;
    expect(Number(redrive['maxReceiveCount'])).to.equal(orderEventsQueue.receiveCountMax);
    expect(redrive['deadLetterTargetArn']).to.equal(deadLetters['QueueArn']);
    expect(deadLetters).to.include({ MessageRetentionPeriod: String(orderEventsQueue.deadLetterRetentionS) });
  });
});
