import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventTransport } from '../event-transport.ts';

/** Entries per batch call (SQS quota). */
const BATCH_MAX = 10;
/** How long a dead letter that is being sent back is hidden from others. */
const HIDDEN_S = 30;

/**
 * The dead-letter queue that the queue's redrive policy names. Letters are moved by the app itself and not by
 * StartMessageMoveTask: the number is bounded, the caller learns it, and emulators can do it.
 */
export function createSqsDeadLetters(
  client: SQSClient,
  queueUrl: string,
): Pick<EventTransport, 'readBacklog' | 'redrive'> {
  const attributesOf = async (QueueUrl: string, AttributeNames: QueueAttributeName[]) =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};

  /** Undefined for a queue without one. */
  const deadLetterUrlOf = ({ RedrivePolicy }: { readonly RedrivePolicy?: string }): string | undefined => {
    if (RedrivePolicy === undefined) return undefined;
    const { deadLetterTargetArn } = JSON.parse(RedrivePolicy) as { readonly deadLetterTargetArn: string };
    // Both queues belong to the same account and region, so their URLs differ in the name only.
    return new URL(deadLetterTargetArn.split(':').at(-1) ?? '', queueUrl).href;
  };
  const countVisible = async (url: string | undefined): Promise<number> => {
    if (url === undefined) return 0;
    const { ApproximateNumberOfMessages = 0 } = await attributesOf(url, ['ApproximateNumberOfMessages']);
    return Number(ApproximateNumberOfMessages);
  };

  const sendBack = async (deadLetterUrl: string, letters: readonly Message[]): Promise<number> => {
    const { Successful = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: letters.map(({ Body }, index) => ({ Id: String(index), MessageBody: Body ?? '' })),
      }),
    );
    if (Successful.length > 0) {
      await client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: deadLetterUrl,
          Entries: Successful.map(({ Id }) => ({ Id, ReceiptHandle: letters[Number(Id)]?.ReceiptHandle })),
        }),
      );
    }
    return Successful.length;
  };

  return {
    async readBacklog() {
      const own = await attributesOf(queueUrl, [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'RedrivePolicy',
      ]);
      return {
        waiting:
          Number(own.ApproximateNumberOfMessages ?? 0) +
          Number(own.ApproximateNumberOfMessagesNotVisible ?? 0),
        deadLetters: await countVisible(deadLetterUrlOf(own)),
      };
    },
    async redrive(max) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      if (url === undefined) return 0;
      // Letters that come back meanwhile are new ones.
      const due = Math.min(max, await countVisible(url));
      let moved = 0;
      while (moved < due) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: Math.min(BATCH_MAX, due - moved),
            VisibilityTimeout: HIDDEN_S,
            WaitTimeSeconds: 1,
          }),
        );
        if (Messages.length === 0) break;
        const sent = await sendBack(url, Messages);
        moved += sent;
        if (sent < Messages.length) throw new Error(`only ${moved} dead letters could be sent back`);
      }
      return moved;
    },
  };
}
