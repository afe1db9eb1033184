import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  ECRClient,
  ListImagesCommand,
} from '@aws-sdk/client-ecr';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { IpAddresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { expect } from 'chai';
import { ContainerImage } from '../../../lib/container/container-image.ts';
import { imageLayout } from '../../../lib/container/image-layout.ts';
import { writeLayer } from '../../../scripts/container/write-layer.ts';
import { writeLayout } from '../../../scripts/container/write-layout.ts';
import { awsCalls } from '../../support/servers/aws-calls.ts';
import { pythonTool, pythonToolTimeoutMs } from '../../support/servers/python-tool.ts';
import { temporaryFolder } from '../../support/shop/fresh-clone.ts';
import { runFunction } from '../run-function.ts';
import { startMoto } from '../start-moto.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'ap-northeast-2';
const RepositoryName = 'rowlock';
const Bucket = 'assets';
const config = { User: '65532:65532', WorkingDir: '/', Env: [], Entrypoint: ['/node'], Cmd: [] };

/** A layout with one small layer and one of `bytes` random bytes, which no gzip makes smaller. */
async function layoutOf(directory: string, release: string, bytes: number): Promise<string> {
  const file = (name: string, content: Buffer) =>
    ({ type: 'file', name, mode: 0o644, content: { bytes: content } }) as const;
  const layers = [
    await writeLayer(directory, [file('release', Buffer.from(release))]),
    await writeLayer(directory, [file('large', seeded(bytes))]),
  ];
  writeLayout(directory, layers, { arch: 'arm64', version: '1.0.0', config });
  return directory;
}

let random: Buffer | undefined;
const seeded = (bytes: number): Buffer => (random ??= randomBytes(bytes));

/** Response that CloudFormation received. */
function answerIn(calls: readonly { action: string; body: string }[]) {
  const answer = calls.find(({ action }) => action === '/answer');
  return JSON.parse(answer?.body ?? '{}') as { Status?: string; Reason?: string };
}

/** The custom resource of a stack with this image, with values in place of its references. */
function resourceProperties(layout: string) {
  const stack = new Stack(new App(), 'Image');
  const vpc = new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    subnetConfiguration: [{ name: 'private', subnetType: SubnetType.PRIVATE_ISOLATED }],
  });
  // oxlint-disable-next-line no-new -- a construct adds itself to its scope
  new ContainerImage(stack, 'Image', { vpc, logDays: 7, layout });
  const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImage'));
  const { Tag, ImageDigest, Manifest, MediaType, Blobs } = (resource?.['Properties'] ?? {}) as {
    Tag: string;
    ImageDigest: string;
    Manifest: string;
    MediaType: string;
    Blobs: { Digest: string; Key: string }[];
  };
  const placed = Blobs.map(({ Digest, Key }) => ({ Digest, Key, Bucket }));
  return { RepositoryName, Tag, ImageDigest, Manifest, MediaType, Blobs: placed };
}

// The function as it is deployed, from its asset, with the properties that the template gives it.
describe('the push of the image to ECR', function () {
  let endpoint: string;
  let ecr: ECRClient;
  let s3: S3Client;

  before(async function () {
    this.timeout(pythonToolTimeoutMs);
    endpoint = await startMoto(await pythonTool('moto[server]==5.2.5', this));
    ecr = new ECRClient({ endpoint, region, credentials });
    s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await ecr.send(
      new CreateRepositoryCommand({ repositoryName: RepositoryName, imageTagMutability: 'IMMUTABLE' }),
    );
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    );
  });

  /** Puts the blobs where the deployment puts them, and calls the function as CloudFormation does. */
  async function push(layout: string, change: object = {}, upload = true) {
    const properties = { ...resourceProperties(layout), ...change };
    if (upload) {
      const { blobs } = imageLayout(layout);
      for (const [index, { file }] of blobs.entries()) {
        const Key = properties.Blobs[index]?.Key;
        await s3.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(file) }));
      }
    }
    const answers = await awsCalls(() => ({ json: {} }));
    const { output, code } = await runFunction(
      'push-image',
      { RequestType: 'Create', ResponseURL: `${answers.url}/answer`, ResourceProperties: properties },
      {
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
      },
    );
    expect(code, output).to.equal(0);
    return { ...answerIn(answers.calls), output };
  }

  it('stores the image under its tag and digest, with a layer of several parts', async () => {
    const layout = await layoutOf(temporaryFolder('rowlock-layout-'), 'one', 12 * 1024 * 1024);
    const image = imageLayout(layout);
    const { Status, Reason, output } = await push(layout);
    expect(Status, Reason).to.equal('SUCCESS');
    expect(output).to.contain('"blobs":3');
    const { images = [] } = await ecr.send(
      new BatchGetImageCommand({ repositoryName: RepositoryName, imageIds: [{ imageTag: image.tag }] }),
    );
    expect(images.map(({ imageId }) => imageId?.imageDigest)).to.deep.equal([image.digest]);
    expect(images[0]?.imageManifest).to.equal(image.manifest);
  });

  it('skips the layers that ECR already has, and succeeds when the image is already there', async () => {
    const directory = temporaryFolder('rowlock-layout-');
    await push(await layoutOf(directory, 'two', 12 * 1024 * 1024));
    const again = await push(directory);
    expect(again.Status, again.Reason).to.equal('SUCCESS');
    expect(again.output).to.contain('"blobs":0');
    // The next release changes the small layer and the configuration.
    const next = await push(await layoutOf(directory, 'three', 12 * 1024 * 1024));
    expect(next.output).to.contain('"blobs":2');
    const { imageIds = [] } = await ecr.send(new ListImagesCommand({ repositoryName: RepositoryName }));
    expect(imageIds).to.have.length.of.at.least(2);
  });

  it('reports a failure to CloudFormation when a blob is missing or differs', async () => {
    const layout = await layoutOf(temporaryFolder('rowlock-layout-'), 'four', 12 * 1024 * 1024);
    const missing = await push(layout, {}, false);
    expect(missing.Status).to.equal('FAILED');
    expect(missing.Reason).to.match(/key does not exist/);
    const { Blobs } = resourceProperties(layout);
    const [first, ...others] = Blobs;
    const wrong = await push(layout, {
      Blobs: [{ ...first, Digest: `sha256:${'0'.repeat(64)}` }, ...others],
    });
    expect(wrong.Status).to.equal('FAILED');
    expect(wrong.Reason).to.match(/is not the blob sha256:0/);
  });

  it('leaves the image in place when the resource is deleted', async () => {
    const answers = await awsCalls(() => ({ json: {} }));
    const { code } = await runFunction(
      'push-image',
      { RequestType: 'Delete', ResponseURL: `${answers.url}/answer`, ResourceProperties: {} },
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    );
    expect(code).to.equal(0);
    expect(answerIn(answers.calls).Status).to.equal('SUCCESS');
  });
});
