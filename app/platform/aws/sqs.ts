import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { EventTransport, IncomingEvent } from '../event-transport.ts';
import { OperationalError } from '../operational-error.ts';
import { createSqsDeadLetters } from './sqs-dead-letters.ts';

/** Entries per batch call (SQS quota). */
const BATCH_MAX = 10;
/** At 15 ms per call, 10 to 20 calls in flight keep up with the rate of orders. */
const SENDS_IN_FLIGHT_MAX = 16;

const CONNECT_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 3000;
/** Longest silence on a connection in use. Longer than a long poll of 20 s. */
const IDLE_TIMEOUT_MS = 25_000;

/**
 * A standard queue. It keeps no order, so the key is not sent. SQS itself counts deliveries and moves a
 * message that is not deleted to the dead-letter queue: `settle` deletes what is done and leaves the rest.
 */
export function openSqsTransport(options: {
  readonly queueUrl: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
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

  const sendDirectly = createDirectSender(client, { queueUrl: QueueUrl, endpoint: options.endpoint });

  const remove = async (receiptHandles: readonly string[]): Promise<void> => {
    const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    // An entry that fails is delivered again; the inbox recognises it.
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };

  return {
    name: 'sqs',
    batchMax: BATCH_MAX,
    sendsInFlightMax: SENDS_IN_FLIGHT_MAX,
    async send(events) {
      const Entries = events.map(({ id, body }) => ({ Id: id, MessageBody: body }));
      const answer =
        (await sendDirectly(Entries)) ??
        (await client.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
      return new Set((answer.Successful ?? []).flatMap(({ Id }) => (Id === undefined ? [] : [Id])));
    },
    async receive({ waitS, signal }) {
      const answer = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: BATCH_MAX,
          WaitTimeSeconds: waitS,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
        { abortSignal: signal, requestTimeout: waitS * 1000 + REQUEST_TIMEOUT_MS },
      );
      const receiptHandles = new Map<IncomingEvent, string>();
      for (const { MessageId = '', Body = '', ReceiptHandle = '', Attributes } of answer.Messages ?? []) {
        const attempts = Number(Attributes?.ApproximateReceiveCount ?? 1);
        receiptHandles.set({ id: MessageId, body: Body, attempts }, ReceiptHandle);
      }
      return {
        events: [...receiptHandles.keys()],
        async settle({ done }) {
          const handles = done.flatMap((event) => receiptHandles.get(event) ?? []);
          if (handles.length > 0) await remove(handles);
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
    ...createSqsDeadLetters(client, QueueUrl),
    close: async () => client.destroy(),
  };
}

type Acknowledgement = Pick<SendMessageBatchCommandOutput, 'Successful'>;

/**
 * Returns SendMessageBatch with the SDK's credentials, signer and connections but without its middleware,
 * which takes half of the CPU of a call: 0.44 ms instead of 0.92, per ten orders. It returns undefined unless
 * the call is a plain success. The caller then uses the SDK, which handles retries, errors and wrong clocks.
 */
function createDirectSender(
  { config }: SQSClient,
  { queueUrl, endpoint }: { queueUrl: string; endpoint: string | undefined },
) {
  const { protocol, hostname, port, host } = new URL(endpoint ?? queueUrl);
  return async (Entries: readonly object[]): Promise<Acknowledgement | undefined> => {
    const body = JSON.stringify({ QueueUrl: queueUrl, Entries });
    try {
      const signer = await config.signer();
      const request = await signer.sign({
        method: 'POST',
        protocol,
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path: '/',
        query: {},
        headers: {
          host,
          'content-type': 'application/x-amz-json-1.0',
          'content-length': String(Buffer.byteLength(body)),
          'x-amz-target': 'AmazonSQS.SendMessageBatch',
        },
        body,
      });
      const { response } = await config.requestHandler.handle(request as never);
      const answer = await text(response.body as Readable);
      return response.statusCode === 200 ? (JSON.parse(answer) as Acknowledgement) : undefined;
    } catch (error) {
      // Do not call a slow queue again at once.
      if ((error as Error).name === 'TimeoutError') throw error;
      return undefined;
    }
  };
}
