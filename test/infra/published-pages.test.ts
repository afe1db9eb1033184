import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { synthesisedStage } from '../support/observe/synthesised-stage.ts';
import { awsCalls } from '../support/servers/aws-calls.ts';
import { pythonTool, pythonToolTimeoutMs } from '../support/servers/python-tool.ts';
import { runFunction } from './run-function.ts';
import { startMoto } from './start-moto.ts';

interface Published {
  readonly Key: string;
  readonly ContentType: string;
  readonly CacheControl: string;
}

describe('the pages of a release', () => {
  const stage = synthesisedStage('minimal');
  const published = stage.one('Custom::PublishedPages');

  it('are all published, each index.html after the files that it names', () => {
    const files = published.Properties['Files'] as readonly Published[];
    expect(files.map(({ Key }) => Key)).to.deep.equal([
      'shop/shop-ABCD1234.js',
      'shop/index.html',
      'console/console-ABCD1234.js',
      'console/index.html',
    ]);
    expect(files[0]).to.include({
      ContentType: 'text/javascript; charset=utf-8',
      CacheControl: 'public, max-age=31536000, immutable',
    });
    expect(files[1]).to.include({
      ContentType: 'text/html; charset=utf-8',
      CacheControl: 'public, no-cache',
    });
  });

  it('follow the API of their release', () => {
    const fleet = stage.one('AWS::AutoScaling::AutoScalingGroup', 'Api');
    expect(published.stack).to.equal(fleet.stack);
    expect(published.DependsOn).to.include(fleet.logicalId);
  });

  it('are written by a function that may write these objects and no others', () => {
    const policies = JSON.stringify(
      stage.ofType('AWS::IAM::Policy').filter(({ logicalId }) => logicalId.startsWith('PagesPublisher')),
    );
    for (const key of ['shop/index.html', 'console/index.html']) expect(policies).to.include(`/${key}"`);
    expect(policies).to.include('s3:PutObject').and.not.include('/*"').and.not.include('s3:Delete');
  });
});

describe('the function that publishes pages', function () {
  const region = 'ap-northeast-2';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  let endpoint: string;
  let s3: S3Client;

  before(async function () {
    this.timeout(pythonToolTimeoutMs);
    endpoint = await startMoto(await pythonTool('moto[server]==5.2.5', this));
    s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const location = { CreateBucketConfiguration: { LocationConstraint: region } } as const;
    for (const Bucket of ['assets', 'pages']) await s3.send(new CreateBucketCommand({ Bucket, ...location }));
    await s3.send(new PutObjectCommand({ Bucket: 'assets', Key: 'a.html', Body: '<p>page</p>' }));
  });

  async function publish(RequestType: string, Source: string) {
    const { url, calls } = await awsCalls(() => ({ json: {} }));
    const file = {
      Key: 'shop/index.html',
      ContentType: 'text/html',
      CacheControl: 'public, no-cache',
      Source,
    };
    await runFunction(
      'publish-pages',
      {
        RequestType,
        ResponseURL: `${url}/answer`,
        StackId: 's',
        RequestId: 'r',
        LogicalResourceId: 'l',
        ResourceProperties: { Bucket: 'pages', Files: [file] },
      },
      {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    );
    const answer = calls.find(({ action }) => action === '/answer');
    return JSON.parse(answer?.body ?? '{}') as { Status?: string; Reason?: string };
  }

  const read = () => s3.send(new GetObjectCommand({ Bucket: 'pages', Key: 'shop/index.html' }));

  it('copies each file with its headers', async () => {
    expect(await publish('Create', 'assets/a.html')).to.include({ Status: 'SUCCESS' });
    const page = await read();
    expect(page).to.include({ ContentType: 'text/html', CacheControl: 'public, no-cache' });
    expect(await page.Body?.transformToString()).to.equal('<p>page</p>');
  });

  it('reports a missing file, and leaves what is there', async () => {
    expect(await publish('Update', 'assets/missing.html')).to.include({ Status: 'FAILED' });
    expect(await (await read()).Body?.transformToString()).to.equal('<p>page</p>');
  });

  it('leaves the pages when the stack is deleted', async () => {
    expect(await publish('Delete', 'assets/missing.html')).to.include({ Status: 'SUCCESS' });
    expect((await read()).ContentType).to.equal('text/html');
  });
});
