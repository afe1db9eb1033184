import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { atEndpoint, emulatorCredentials, provision } from '../../../localstack/aws/provision.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { RunQueue } from './fault.ts';
import type { FaultServer } from './fault-servers.ts';

export interface DirectQueue extends RunQueue {
  readonly region: string;
  readonly queueUrl: string;
  readonly bucket: string;
  readonly imagesBaseUrl: string;
  /** Number of messages that wait or are being consumed. */
  messageCount(): Promise<number>;
  /**
   * Does what an operator does with the dead-letter queue: readable messages go back into the queue. They are
   * there because a consumer was unavailable for long and they were received five times. Returns the number
   * of poisoned messages seen so far.
   */
  redrive(): Promise<number>;
}

const REGION = 'ap-northeast-2';
/**
 * A message whose consumer has died arrives again after this long: 30 s in the account, too long for a run.
 */
const VISIBILITY_TIMEOUT_S = 1;
/** Visibility timeout of one read of the dead-letter queue. */
const LOOK_VISIBILITY_S = 2;

/** Creates queues and bucket; returns the runner's own access to them, bypassing all proxies. */
export async function runQueue(server: Pick<FaultServer, 'url'>): Promise<DirectQueue> {
  const made = await provision({ endpoint: server.url, region: REGION, hasBucketConfiguration: false });
  const clients: SQSClient[] = [];
  onCleanup(() => {
    for (const client of clients) client.destroy();
  });
  let clientUrl = '';
  const client = (): SQSClient => {
    const last = clients.at(-1);
    if (last !== undefined && clientUrl === server.url) return last;
    clientUrl = server.url;
    const opened = new SQSClient({
      endpoint: clientUrl,
      region: REGION,
      credentials: emulatorCredentials,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
    });
    clients.push(opened);
    return opened;
  };
  const here = (queueUrl: string) => atEndpoint(queueUrl, server.url);
  await client().send(
    new SetQueueAttributesCommand({
      QueueUrl: here(made.queueUrl),
      Attributes: { VisibilityTimeout: String(VISIBILITY_TIMEOUT_S) },
    }),
  );
  const poisons: string[] = [];
  const poisonsSeen = new Set<string>();
  const send = async (body: string): Promise<void> => {
    await client().send(new SendMessageCommand({ QueueUrl: here(made.queueUrl), MessageBody: body }));
  };
  return {
    region: REGION,
    ...made,
    poisons,
    send,
    messageCount: async () => {
      const { Attributes = {} } = await client().send(
        new GetQueueAttributesCommand({ QueueUrl: here(made.queueUrl), AttributeNames: ['All'] }),
      );
      return (
        Number(Attributes.ApproximateNumberOfMessages) +
        Number(Attributes.ApproximateNumberOfMessagesNotVisible)
      );
    },
    redrive: async () => {
      const QueueUrl = here(made.deadLetterQueueUrl);
      const { Messages = [] } = await client().send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: LOOK_VISIBILITY_S,
          WaitTimeSeconds: 0,
        }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        if (poisons.includes(Body)) poisonsSeen.add(Body);
        else await send(Body);
        await client().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return poisonsSeen.size;
    },
  };
}
