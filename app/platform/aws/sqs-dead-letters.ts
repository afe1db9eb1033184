import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, EventTransport, WaitingLetter } from '../event-transport.ts';
import { callsOf, ENTRIES_MAX } from './sqs-messages.ts';

/** How long a dead letter that is being sent back is hidden from others. */
const HIDDEN_S = 30;
/** The same for one that is only read. */
const READ_HIDDEN_S = 3;
/** Longer than that, so that letters hidden by another reading are read or found as well. */
const READING_MAX_MS = 4000;
/** A reading that runs beside it may hide a letter once more when it is nearly over. */
const MOVING_PATIENCE_MS = READING_MAX_MS + READ_HIDDEN_S * 1000 + 1000;

export type SqsDeadLetters = Pick<
  EventTransport,
  'readBacklog' | 'readDeadLetters' | 'redrive' | 'redriveOne'
> & {
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
  /** Includes letters that a reading still hides. */
  const countAll = async (url: string): Promise<number> => {
    const counted = await attributesOf(url, [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
    ]);
    const { ApproximateNumberOfMessages: shown = 0, ApproximateNumberOfMessagesNotVisible: hidden = 0 } =
      counted;
    return Number(shown) + Number(hidden);
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
      const deadLetterUrl = deadLetterUrlOf(own);
      return {
        messages:
          Number(own.ApproximateNumberOfMessages ?? 0) +
          Number(own.ApproximateNumberOfMessagesNotVisible ?? 0),
        deadLetters: deadLetterUrl === undefined ? 0 : await countAll(deadLetterUrl),
      };
    },
    async readDeadLetters(max) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      if (url === undefined) return { letters: [], isComplete: true };
      const count = await countAll(url);
      const letters = await readLetters(client, url, Math.min(count, max));
      return { letters, isComplete: letters.length >= count };
    },
    async redrive(max) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      if (url === undefined) return 0;
      // Letters that come back meanwhile are new ones.
      const due = Math.min(max, await countAll(url));
      return moveLetters(client, { queueUrl, deadLetterUrl: url }, due);
    },
    async redriveOne(id, announce) {
      const url = deadLetterUrlOf(await attributesOf(queueUrl, ['RedrivePolicy']));
      if (url === undefined || (await countAll(url)) === 0) return false;
      const message = await findMessage(client, url, id);
      if (message === undefined) return false;
      await announce(letterOf(message));
      const sent = await sendBack(client, { queueUrl, deadLetterUrl: url }, [message]);
      if (sent === 0) throw new Error('the dead letter could not be sent back');
      return true;
    },
  };
}

interface Queues {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

/** Sends up to `due` letters back, and waits for those that are hidden. Returns how many were sent. */
async function moveLetters(client: SQSClient, queues: Queues, due: number): Promise<number> {
  let moved = 0;
  let foundMs = performance.now();
  while (moved < due && performance.now() - foundMs < MOVING_PATIENCE_MS) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queues.deadLetterUrl,
        MaxNumberOfMessages: Math.min(ENTRIES_MAX, due - moved),
        VisibilityTimeout: HIDDEN_S,
        WaitTimeSeconds: 1,
      }),
    );
    if (Messages.length === 0) continue;
    foundMs = performance.now();
    const sent = await sendBack(client, queues, Messages);
    moved += sent;
    if (sent < Messages.length) throw new Error(`only ${moved} dead letters could be sent back`);
  }
  return moved;
}

/** SQS cannot read a message by its id: receives until it appears, and hides what it passes for a moment. */
async function findMessage(client: SQSClient, url: string, id: string): Promise<Message | undefined> {
  const startMs = performance.now();
  while (performance.now() - startMs < READING_MAX_MS) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: ENTRIES_MAX,
        VisibilityTimeout: READ_HIDDEN_S,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['Reason'],
      }),
    );
    const found = Messages.find(({ MessageId }) => MessageId === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function letterOf({ MessageId: id = '', Body: body = '', MessageAttributes }: Message): WaitingLetter {
  return { id, body, reason: MessageAttributes?.['Reason']?.StringValue };
}

/** Reads up to `due` letters, and waits for those that are hidden. */
async function readLetters(client: SQSClient, url: string, due: number): Promise<WaitingLetter[]> {
  const letters = new Map<string, WaitingLetter>();
  const startMs = performance.now();
  while (letters.size < due && performance.now() - startMs < READING_MAX_MS) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(ENTRIES_MAX, due - letters.size),
        VisibilityTimeout: READ_HIDDEN_S,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['Reason'],
      }),
    );
    for (const message of Messages) letters.set(message.MessageId ?? '', letterOf(message));
  }
  return [...letters.values()];
}

/** Sends received letters to the queue, deletes those that it has taken, and returns how many these are. */
async function sendBack(
  client: SQSClient,
  { queueUrl, deadLetterUrl }: Queues,
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
