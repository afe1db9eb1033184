import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { GetBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { expect } from 'chai';
import { imagesBucket } from '../../app/contract/images-bucket.ts';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';
import { emulatorCredentials } from '../../localstack/aws/provision.ts';
import { localstackEnvironment } from '../../localstack/aws/localstack-environment.ts';
import { type RunningUp, type ShopCopy, shopCopy } from '../support/shop/shop-copy.ts';
import { skipWithout } from '../support/skip-without.ts';
import { until } from '../support/until.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';

// The stacks of lib/ in LocalStack's CloudFormation, where an unknown resource type is an error.
describe('scripts/up --aws=localstack --provision=cdk', function () {
  let shop: ShopCopy;
  let up: RunningUp;
  let url: string;
  let commands: readonly string[];
  let settings: NodeJS.Dict<string>;

  before(async function () {
    this.timeout(600_000);
    try {
      await localstackEnvironment(shopPaths.cache, () => {}, { withCloudFormation: true });
    } catch (error) {
      skipWithout(error instanceof Error ? error.message : 'LocalStack', this);
    }
    shop = shopCopy();
    up = shop.up(['--aws=localstack', '--provision=cdk']);
    ({ url, commands } = await up.open());
    settings = parseEnv(readFileSync(join(shop.dir, '.local/env'), 'utf8'));
  });

  const client = () => ({
    endpoint: settings['AWS_ENDPOINT_URL'] ?? '',
    region: settings['AWS_REGION'] ?? '',
    credentials: emulatorCredentials,
  });

  it("sells, and the order's event passes through the queue that CloudFormation created", async () => {
    expect(settings['ORDER_EVENTS_QUEUE_URL']).to.match(/\/OrderCompleted$/);
    const answers = await shop.shell(commands);
    expect(answers).to.contain('"status":"COMPLETED"');
    const report = () =>
      shop.shell([
        `cd "${shop.dir}"`,
        `"${process.execPath}" scripts/audit.ts --json --events-late-s=0 || true`,
      ]);
    // With a lateness of 0 s, the audit is clean only once the event has passed the queue and is counted.
    await until('the event is counted', async () => (await report()).includes('"isClean":true'), {
      timeoutMs: 30_000,
      intervalMs: 500,
    });
    const popular = await fetch(`${url}/products/popular`);
    expect(((await popular.json()) as { data: unknown[] }).data).to.have.lengthOf(1);
  });

  it('has the queue of the shared definition', async () => {
    const sqs = new SQSClient(client());
    const attributesOf = async (QueueUrl: string, ...names: QueueAttributeName[]) =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names }))).Attributes ?? {};
    const queueUrl = settings['ORDER_EVENTS_QUEUE_URL'] ?? '';
    const own = await attributesOf(
      queueUrl,
      'VisibilityTimeout',
      'MessageRetentionPeriod',
      'ReceiveMessageWaitTimeSeconds',
      'RedrivePolicy',
    );
    expect(own).to.include({
      VisibilityTimeout: `${orderEventsQueue.visibilityTimeoutS}`,
      MessageRetentionPeriod: `${orderEventsQueue.retentionS}`,
      ReceiveMessageWaitTimeSeconds: `${orderEventsQueue.receiveWaitS}`,
    });
    const redrive = JSON.parse(own['RedrivePolicy'] ?? '{}') as Record<string, unknown>;
    expect(redrive['deadLetterTargetArn']).to.match(new RegExp(`:${orderEventsQueue.deadLetterName}$`));
    expect(Number(redrive['maxReceiveCount'])).to.equal(orderEventsQueue.receiveCountMax);
    const dead = await attributesOf(
      queueUrl.replace(/[^/]+$/, orderEventsQueue.deadLetterName),
      'MessageRetentionPeriod',
    );
    expect(dead).to.deep.equal({ MessageRetentionPeriod: `${orderEventsQueue.deadLetterRetentionS}` });
    sqs.destroy();
  });

  // LocalStack's CloudFormation ignores lifecycle rules and the public access block.
  it('has a bucket with the CORS of the shared definition, and images in it', async () => {
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    const Bucket = settings['IMAGES_BUCKET'] ?? '';
    const [cors] = (await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules ?? [];
    expect(cors?.AllowedMethods).to.have.members([...imagesBucket.cors.methods]);
    expect(cors).to.include({ MaxAgeSeconds: imagesBucket.cors.maxAgeS });
    s3.destroy();
    const isPicture = (value: string) => value.startsWith(`${settings['IMAGES_BASE_URL']}/`);
    // The worker encodes the images from the seed's uploads.
    const look = async () => {
      const page = await (await fetch(`${url}/products?limit=20`)).text();
      return page.split('"').find(isPicture);
    };
    const picture = await until('a product has a picture', look, { timeoutMs: 90_000, intervalMs: 500 });
    expect((await fetch(picture)).status, picture).to.equal(200);
  });

  it('would fail for a resource that LocalStack does not support', async () => {
    const cloudFormation = new CloudFormationClient(client());
    const template = { Resources: { Database: { Type: 'AWS::RDS::DBInstance', Properties: {} } } };
    const StackName = 'unknown-type';
    await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
    const status = await until('the creation of the stack has ended', async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
      const found = Stacks?.[0]?.StackStatus ?? '';
      return found.endsWith('IN_PROGRESS') ? undefined : found;
    });
    expect(status).to.equal('CREATE_FAILED');
    cloudFormation.destroy();
  });

  it('stops everything on SIGTERM', async () => {
    up.signal('SIGTERM');
    expect((await up.ended).code).to.equal(0);
  });
});
