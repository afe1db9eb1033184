import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, EventTransport, WaitingLetter, WaitingLetters } from '../event-transport.ts';
import { callsOf, ENTRIES_MAX } from './sqs-messages.ts';

/** How long a dead letter that is being sent back is hidden from others. */
const HIDDEN_S = 30;
/** The same for one that is only read. Longer than a reading, so that none is read twice. */
const READ_HIDDEN_S = 3;
const READING_MAX_MS = 2000;

export type SqsDeadLetters = Pick<EventTransport, 'readBacklog' | 'readDeadLetters' | 'redrive'> & {
  /** Resolves once the queue has all of them, each with its reason and the message that it came in. */
  setAside(messageId: string, letters: readonly DeadLetter[]): Promise<void>;
};

/**
 * The dead-letter queue that the queue's redrive policy names. Letters are moved by the app itself and not by
 * StartMessageMoveTask: the number is bounded, the caller learns it, and emulators can do it.
 */
export function createSqsDeadLetters(client: SQSClient, queueUrl: string): SqsDeadLetters {
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

  return {
    async setAside(messageId, letters) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      if (url === undefined) throw new Error('the queue of order events has no dead-letter queue');
      const text = (StringValue: string) => ({ DataType: 'String', StringValue });
      for (const call of callsOf(letters)) {
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: url,
            Entries: call.map(({ body, reason }, index) => ({
              Id: String(index),
              MessageBody: body,
              MessageAttributes: { Reason: text(reason), MessageId: text(messageId) },
            })),
          }),
        );
        if (Failed.length > 0) throw new Error('not every dead letter was acknowledged');
      }
    },
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
    async readDeadLetters(max) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      return url === undefined ? { letters: [], isComplete: true } : readLetters(client, url, max);
    },
    async redrive(max) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      if (url === undefined) return 0;
      // Letters that come back meanwhile are new ones. Those that were only read may be hidden still.
      const counted = await attributesOf(url, [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
      ]);
      const due = Math.min(
        max,
        Number(counted.ApproximateNumberOfMessages ?? 0) +
          Number(counted.ApproximateNumberOfMessagesNotVisible ?? 0),
      );
      let moved = 0;
      while (moved < due) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: Math.min(ENTRIES_MAX, due - moved),
            VisibilityTimeout: HIDDEN_S,
            WaitTimeSeconds: 1,
          }),
        );
        if (Messages.length === 0) break;
        const sent = await sendBack(client, { queueUrl, deadLetterUrl: url }, Messages);
        moved += sent;
        if (sent < Messages.length) throw new Error(`only ${moved} dead letters could be sent back`);
      }
      return moved;
    },
  };
}

async function readLetters(client: SQSClient, url: string, max: number): Promise<WaitingLetters> {
  const letters = new Map<string, WaitingLetter>();
  const startMs = performance.now();
  let isComplete = false;
  while (!isComplete && letters.size < max && performance.now() - startMs < READING_MAX_MS) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(ENTRIES_MAX, max - letters.size),
        VisibilityTimeout: READ_HIDDEN_S,
        WaitTimeSeconds: letters.size === 0 ? 1 : 0,
        MessageAttributeNames: ['Reason'],
      }),
    );
    isComplete = Messages.length === 0;
    for (const { MessageId: id = '', Body: body = '', MessageAttributes } of Messages) {
      letters.set(id, { id, body, reason: MessageAttributes?.['Reason']?.StringValue });
    }
  }
  return { letters: [...letters.values()], isComplete };
}

/** Sends received letters to the queue, deletes those that it has taken, and returns how many these are. */
async function sendBack(
  client: SQSClient,
  { queueUrl, deadLetterUrl }: { readonly queueUrl: string; readonly deadLetterUrl: string },
  received: readonly Message[],
): Promise<number> {
  let sent = 0;
  const letters = received.map(({ Body = '', ReceiptHandle }) => ({ body: Body, ReceiptHandle }));
  for (const call of callsOf(letters)) {
    const { Successful = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: call.map(({ body }, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
    if (Successful.length === 0) continue;
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: deadLetterUrl,
        Entries: Successful.map(({ Id }) => ({ Id, ReceiptHandle: call[Number(Id)]?.ReceiptHandle })),
      }),
    );
    sent += Successful.length;
  }
  return sent;
}
