import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  S3Client,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { imagesBucket } from '../../app/contract/images-bucket.ts';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';

export interface ProvisionOptions {
  /** Base URL of an S3 and SQS emulator. */
  readonly endpoint: string;
  readonly region: string;
  /** False when the server has no bucket CORS and policies; a proxy then answers preflights. */
  readonly hasBucketConfiguration?: boolean;
  /** Names instead of those in app/contract, for parallel tests on one server. */
  readonly names?: ProvisionedNames;
}

export interface ProvisionedNames {
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly bucket: string;
}

const definedNames: ProvisionedNames = {
  queue: orderEventsQueue.name,
  deadLetterQueue: orderEventsQueue.deadLetterName,
  bucket: imagesBucket.localName,
};

export interface Provisioned {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucket: string;
  /** Public image URLs are this base, a slash and the key. */
  readonly imagesBaseUrl: string;
}

/** Any credentials work: emulators do not check them, and LocalStack derives the account from them. */
export const emulatorCredentials = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

/** The same as environment variables; the SDK then reads no profile or configuration of the user. */
export const emulatorEnvironment = {
  AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
} as const;

/**
 * Creates the bucket and the queues on an emulator as lib/ defines them. Idempotent: updates existing ones to
 * the definition and loses no message or object.
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  const names = options.names ?? definedNames;
  const client = {
    endpoint: options.endpoint,
    region: options.region,
    credentials: emulatorCredentials,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
  const sqs = new SQSClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  try {
    const [queues] = await Promise.all([
      provisionQueues(sqs, options.endpoint, names),
      provisionBucket(s3, options, names.bucket),
    ]);
    const { bucket } = names;
    return { ...queues, bucket, imagesBaseUrl: new URL(`/${bucket}`, options.endpoint).href };
  } finally {
    sqs.destroy();
    s3.destroy();
  }
}

async function provisionQueues(
  sqs: SQSClient,
  endpoint: string,
  names: ProvisionedNames,
): Promise<{ queueUrl: string; deadLetterQueueUrl: string }> {
  const deadLetterUrl = await ensureQueue(sqs, names.deadLetterQueue, {
    MessageRetentionPeriod: `${orderEventsQueue.deadLetterRetentionS}`,
  });
  const described = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
  );
  const redrive = {
    deadLetterTargetArn: described.Attributes?.QueueArn,
    maxReceiveCount: orderEventsQueue.receiveCountMax,
  };
  const queueUrl = await ensureQueue(sqs, names.queue, {
    VisibilityTimeout: `${orderEventsQueue.visibilityTimeoutS}`,
    MessageRetentionPeriod: `${orderEventsQueue.retentionS}`,
    ReceiveMessageWaitTimeSeconds: `${orderEventsQueue.receiveWaitS}`,
    RedrivePolicy: JSON.stringify(redrive),
  });
  return {
    queueUrl: atEndpoint(queueUrl, endpoint),
    deadLetterQueueUrl: atEndpoint(deadLetterUrl, endpoint),
  };
}

async function ensureQueue(
  sqs: SQSClient,
  name: string,
  attributes: Record<string, string>,
): Promise<string> {
  const existing = await sqs.send(new GetQueueUrlCommand({ QueueName: name })).catch((error: unknown) => {
    if (error instanceof Error && /NonExistentQueue|QueueDoesNotExist/.test(error.name)) return undefined;
    throw error;
  });
  if (existing?.QueueUrl !== undefined) {
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: existing.QueueUrl, Attributes: attributes }));
    return existing.QueueUrl;
  }
  const created = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  if (created.QueueUrl === undefined) throw new Error(`no URL for the new queue ${name}`);
  return created.QueueUrl;
}

/** Emulators return host names that not every machine resolves; only the path matters to them. */
export function atEndpoint(queueUrl: string, endpoint: string): string {
  return new URL(new URL(queueUrl).pathname, endpoint).href;
}

async function provisionBucket(s3: S3Client, options: ProvisionOptions, Bucket: string): Promise<void> {
  const exists = await s3.send(new HeadBucketCommand({ Bucket })).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const location = { LocationConstraint: locationOf(options.region) };
    // S3 rejects us-east-1 as an explicit location.
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(options.region === 'us-east-1' ? {} : { CreateBucketConfiguration: location }),
      }),
    );
  }
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'expire-uploads',
            Status: 'Enabled',
            Filter: { Prefix: imagesBucket.uploadsPrefix },
            Expiration: { Days: imagesBucket.uploadExpiryDays },
          },
        ],
      },
    }),
  );
  if (options.hasBucketConfiguration === false) return;
  await s3.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedMethods: [...imagesBucket.cors.methods],
            AllowedOrigins: ['*'],
            AllowedHeaders: [...imagesBucket.cors.headers],
            ExposeHeaders: [...imagesBucket.cors.exposedHeaders],
            MaxAgeSeconds: imagesBucket.cors.maxAgeS,
          },
        ],
      },
    }),
  );
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(publicReadPolicy(Bucket)) }));
}

/** Public read: on AWS, CloudFront reads the private bucket; on a laptop the browser reads it directly. */
function publicReadPolicy(bucket: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${bucket}/${imagesBucket.publicPrefix}*`,
      },
    ],
  };
}

function locationOf(region: string): BucketLocationConstraint {
  // The SDK's type lists the regions it knew at release; newer ones work as well.
  return region as BucketLocationConstraint;
}
