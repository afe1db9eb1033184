import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { testEnvironment } from '../environment.ts';
import type { TestAws } from './aws.ts';
import { createTestTopics } from './kafka.ts';

/** The transport of order events of one test file, whichever it is. */
export interface TestEvents {
  readonly transport: 'sqs' | 'kafka';
  /** The app's settings for it. */
  readonly env: Readonly<Record<string, string>>;
  /** Publishes a body as an app would. */
  send(body: string, key?: string): Promise<void>;
  /** Events that can be read now, those of a batch one by one. On Kafka also those that are consumed. */
  peek(): Promise<readonly string[]>;
  /** Events that no consumer has settled: 0 means that all have been consumed. */
  waiting(): Promise<number>;
  deadLetters(): Promise<number>;
  /** Lets an event whose receiver died come back after a second or two instead of 30. */
  redeliverSoon(): Promise<void>;
  remove(): Promise<void>;
}

/** The transport that the suite runs on, unless the test is about one of them. */
export async function createTestEvents(
  aws: TestAws,
  transport = testEnvironment().events,
): Promise<TestEvents> {
  return transport === 'kafka' ? createTestTopics() : queueOf(aws);
}

/** A message is one event, or a JSON array of several. */
export function bodiesIn(message: string): string[] {
  if (!message.startsWith('[')) return [message];
  return (JSON.parse(message) as unknown[]).map((event) => JSON.stringify(event));
}

function queueOf({ sqs, queueUrl, ...aws }: TestAws): TestEvents {
  return {
    transport: 'sqs',
    env: { EVENTS: 'sqs', ORDER_EVENTS_QUEUE_URL: queueUrl },
    async send(body) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    },
    async peek() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      return Messages.flatMap(({ Body = '' }) => bodiesIn(Body));
    },
    waiting: () => aws.messageCount(queueUrl),
    deadLetters: () => aws.messageCount(aws.deadLetterQueueUrl),
    redeliverSoon: () => aws.setVisibilityTimeout(1),
    // The queue goes with the rest of the test's AWS.
    remove: async () => undefined,
  };
}
