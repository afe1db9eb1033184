import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventTransport, IncomingMessage } from '../event-transport.ts';
import { OperationalError } from '../operational-error.ts';
import { createSqsDeadLetters } from './sqs-dead-letters.ts';
import { ENTRIES_MAX } from './sqs-messages.ts';
import { createSqsSender } from './sqs-sender.ts';

/** Eight receives of ten messages; at 30 ms per call still 1,000 messages/s. */
const RECEIVES_IN_FLIGHT_MAX = 8;
/** SQS may deliver fewer than ten although more are waiting. */
const FULL_BATCH = ENTRIES_MAX / 2;

const CONNECT_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 3000;
/** Longest silence on a connection in use. Longer than a long poll of 20 s. */
const IDLE_TIMEOUT_MS = 25_000;

/**
 * A standard queue. It keeps no order, so the key is not sent. A message carries up to `eventsPerMessageMax`
 * events. SQS itself counts deliveries and moves a message that is not deleted to the dead-letter queue:
 * `settle` deletes what is done and leaves the rest. Of a batch, only the refused events become dead letters.
 */
export function openSqsTransport(options: {
  readonly queueUrl: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly eventsPerMessageMax: number;
}): EventTransport {
  const { queueUrl: QueueUrl } = options;
  const client = new SQSClient({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // The SDK's default is to log a warning and to wait on.
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_TIMEOUT_MS,
    },
  });

  const deadLetters = createSqsDeadLetters(client, QueueUrl);

  const remove = async (receiptHandles: readonly string[]): Promise<void> => {
    const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    // An entry that fails is delivered again; the inbox recognises it.
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };

  return {
    name: 'sqs',
    ...createSqsSender(client, options),
    receivesInFlightMax: RECEIVES_IN_FLIGHT_MAX,
    fullBatch: FULL_BATCH,
    async receive({ waitS, signal }) {
      const answer = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: ENTRIES_MAX,
          WaitTimeSeconds: waitS,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
        { abortSignal: signal, requestTimeout: waitS * 1000 + REQUEST_TIMEOUT_MS },
      );
      const receiptHandles = new Map<IncomingMessage, string>();
      for (const { MessageId = '', Body = '', ReceiptHandle = '', Attributes } of answer.Messages ?? []) {
        const attempts = Number(Attributes?.ApproximateReceiveCount ?? 1);
        receiptHandles.set({ id: MessageId, body: Body, attempts }, ReceiptHandle);
      }
      return {
        messages: [...receiptHandles.keys()],
        async settle({ done, refused }) {
          // A message that is refused as a whole stays: SQS delivers it again, perhaps to a newer release,
          // and moves it to the dead letters after five times.
          const split = refused.filter(({ message, letters }) =>
            letters.some(({ body }) => body !== message.body),
          );
          const removeAll = async (messages: readonly IncomingMessage[]): Promise<void> => {
            const handles = messages.flatMap((message) => receiptHandles.get(message) ?? []);
            if (handles.length > 0) await remove(handles);
          };
          // First, and one by one: a dead letter that cannot be stored must keep no other message here.
          await removeAll(done);
          const moved = await Promise.allSettled(
            split.map(async ({ message, letters }) => {
              await deadLetters.setAside(message.id, letters);
              await removeAll([message]);
            }),
          );
          const failed = moved.find(({ status }) => status === 'rejected');
          if (failed?.status === 'rejected') throw failed.reason;
        },
      };
    },
    async ping() {
      try {
        await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      } catch (error) {
        const { message, name, code } = error as Error & { code?: string };
        const reason = (message || code || name).replace(/\.$/, '');
        const failure = `SQS at ${QueueUrl} cannot be used: ${reason}`;
        throw new OperationalError('dependency_unavailable', failure, { cause: error });
      }
    },
    readBacklog: deadLetters.readBacklog,
    readDeadLetters: deadLetters.readDeadLetters,
    redrive: deadLetters.redrive,
    redriveOne: deadLetters.redriveOne,
    close: async () => client.destroy(),
  };
}
