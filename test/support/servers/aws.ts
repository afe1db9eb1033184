import { randomBytes } from 'node:crypto';
import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  DeleteBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { emulatorCredentials, provision } from '../../../localstack/aws/provision.ts';
import { onCleanup } from '../cleanup.ts';
import { testEnvironment } from '../environment.ts';

export interface TestAws {
  readonly endpointUrl: string;
  readonly region: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucket: string;
  readonly imagesBaseUrl: string;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** Messages that wait in the queue or that a consumer holds: 0 means that all have been consumed. */
  messageCount(queueUrl?: string): Promise<number>;
  /** Time for which a message stays hidden after its receiver died: 30 s unless shortened. */
  setVisibilityTimeout(seconds: number): Promise<void>;
  remove(): Promise<void>;
}

const REGION = 'ap-northeast-2';

/** Queue, dead-letter queue and bucket of one test file, with the settings of the real ones. */
export async function createTestAws(): Promise<TestAws> {
  const { awsEndpointUrl, awsKind } = testEnvironment();
  const suffix = randomBytes(6).toString('hex');
  const made = await provision({
    endpoint: awsEndpointUrl,
    region: REGION,
    hasBucketConfiguration: awsKind !== 'embedded',
    names: {
      queue: `OrderCompleted-${suffix}`,
      deadLetterQueue: `OrderCompleted-dead-letter-${suffix}`,
      bucket: `rowlock-images-${suffix}`,
    },
  });
  const client = {
    endpoint: awsEndpointUrl,
    region: REGION,
    credentials: emulatorCredentials,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
  const sqs = new SQSClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });

  let removed: Promise<void> | undefined;
  const aws: TestAws = {
    ...made,
    endpointUrl: awsEndpointUrl,
    region: REGION,
    sqs,
    s3,
    async messageCount(queueUrl = made.queueUrl) {
      const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
      );
      return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
    },
    async setVisibilityTimeout(seconds) {
      const Attributes = { VisibilityTimeout: String(seconds) };
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl: made.queueUrl, Attributes }));
    },
    remove: () => (removed ??= remove(aws)),
  };
  onCleanup(() => aws.remove());
  return aws;
}

async function remove({ sqs, s3, queueUrl, deadLetterQueueUrl, bucket }: TestAws): Promise<void> {
  await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
  await sqs.send(new DeleteQueueCommand({ QueueUrl: deadLetterQueueUrl }));
  for (;;) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (Contents.length === 0) break;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  sqs.destroy();
  s3.destroy();
}
