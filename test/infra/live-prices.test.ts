import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PricingClient } from '@aws-sdk/client-pricing';
import { expect } from 'chai';
import { type PricedRegion, priceList } from '../../lib/cost/price-list.ts';
import { readLivePrices } from '../../scripts/cost/read-live-prices.ts';
import { onCleanup } from '../support/cleanup.ts';
import { awsCalls } from '../support/servers/aws-calls.ts';
import { type PricedProduct, priceListApi } from '../support/servers/price-list-api.ts';
import { temporaryFolder } from '../support/shop/fresh-clone.ts';

const top = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

const product = (
  service: string,
  usagetype: string,
  unit: string,
  price: string | Record<string, string>,
  attributes: Record<string, string> = {},
): PricedProduct => ({
  service,
  unit,
  attributes: { usagetype, ...attributes },
  tiers: typeof price === 'string' ? { 0: price } : price,
});
const inSeoul = { regionCode: 'ap-northeast-2' };
const inVirginia = { regionCode: 'us-east-1' };
const instance = (type: string, more: Record<string, string> = {}) => ({
  instanceType: type,
  operatingSystem: 'Linux',
  tenancy: 'Shared',
  preInstalledSw: 'NA',
  capacitystatus: 'Used',
  ...inSeoul,
  ...more,
});
const redis = { cacheEngine: 'Redis', ...inSeoul };
const backup = { databaseEngine: 'Any', ...inSeoul };

/** Products of two regions, with similar ones that a filter alone does not exclude. */
const products: readonly PricedProduct[] = [
  product('AmazonEC2', 'APN2-BoxUsage:c7g.large', 'Hrs', '0.0816000000', instance('c7g.large')),
  product('AmazonEC2', 'BoxUsage:c7g.large', 'Hrs', '0.0700000000', instance('c7g.large', inVirginia)),
  product('AmazonEC2', 'APN2-NatGateway-Hours', 'Hrs', '0.0590000000', inSeoul),
  product('AmazonEC2', 'NatGateway-Hours', 'Hrs', '0.0450000000', inVirginia),
  // Surcharges for an old engine contain the node's usage type.
  product(
    'AmazonElastiCache',
    'APN2-ExtendedSupportYr1_Yr2-NodeUsage:cache.t4g.micro',
    'Hrs',
    '0.019',
    redis,
  ),
  product('AmazonElastiCache', 'APN2-ExtendedSupportYr3-NodeUsage:cache.t4g.micro', 'Hrs', '0.038', redis),
  product('AmazonElastiCache', 'APN2-NodeUsage:cache.t4g.micro', 'Hrs', '0.0250000000', redis),
  product(
    'AmazonS3',
    'APN2-TimedStorage-ByteHrs',
    'GB-Mo',
    { 0: '0.0260000000', 51200: '0.0240000000', 512000: '0.0230000000' },
    { volumeType: 'Standard', ...inSeoul },
  ),
  // The first tier is free.
  product(
    'AWSQueueService',
    'APN2-Requests-RBP',
    'Requests',
    { 0: '0.0000000000', 1000000: '0.0000004100' },
    inSeoul,
  ),
  product('AWSQueueService', 'APN2-Requests-FIFO-RBP', 'Requests', '0.0000005000', inSeoul),
  product('AmazonS3', 'APN2-Requests-Tier1', 'Requests', '0.0000045000', {
    group: 'S3-API-Tier1',
    ...inSeoul,
  }),
  ...['', 'InterZone-In'].map((operation) =>
    product('AWSDataTransfer', 'APN2-DataTransfer-Regional-Bytes', 'GB', '0.0110000000', {
      operation,
      fromRegionCode: 'ap-northeast-2',
    }),
  ),
  product('AmazonCloudFront', 'AP-DataTransfer-Out-Bytes', 'GB', {
    0: '0.1200000000',
    10240: '0.1000000000',
  }),
  product('AmazonCloudFront', 'US-DataTransfer-Out-Bytes', 'GB', '0.0850000000'),
  product('AmazonCloudWatch', 'DashboardsUsageHour', 'Dashboards', '3.0000000000', { location: 'Any' }),
  product('AmazonCloudWatch', 'DashboardsUsageHour-Basic', 'Dashboards', '3.5000000000', { location: 'Any' }),
  // Prices that must not be used.
  product('AmazonRDS', 'APN2-RDS:ChargedBackupUsage', 'GB-Mo', '0.0950000000', backup),
  product('AmazonRDS', 'APN2-RDS:ChargedBackupUsage', 'GB-Mo', '0.0210000000', backup),
  product('AmazonCloudWatch', 'APN2-TimedStorage-ByteHrs', 'GB', '0.0314000000', inSeoul),
  product('awswaf', 'APN2-WebACLV2', 'month', '5000', inSeoul),
];

describe('live prices', () => {
  const read = async (region: PricedRegion, url: string, deadlineMs?: number) =>
    readLivePrices(region, {
      client: new PricingClient({ region: 'us-east-1', endpoint: url, credentials, maxAttempts: 1 }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });

  it('takes tiers, units and regions as the price list has them, from all pages', async () => {
    const { url, calls } = await priceListApi(products);
    const { prices, notUsed } = await read('ap-northeast-2', url);
    expect(prices).to.deep.equal({
      'ec2 c7g.large': 0.0816,
      'nat gateway': 0.059,
      'redis cache.t4g.micro': 0.025,
      's3 storage': 0.026,
      's3 writes': 4.5,
      'sqs requests': 0.41,
      'traffic between zones': 0.022,
      'cloudfront traffic': 0.12,
      dashboard: 3,
    });
    expect(Object.keys(prices).length + notUsed.length).to.equal(Object.keys(priceList).length);
    expect(calls.filter(({ input }) => input['NextToken'] !== undefined)).to.have.length.greaterThan(0);

    const virginia = await read('us-east-1', url);
    expect(virginia.prices).to.deep.equal({
      'ec2 c7g.large': 0.07,
      'nat gateway': 0.045,
      'cloudfront traffic': 0.085,
      dashboard: 3,
    });
  });

  it('names a price that is ambiguous, in another unit, far from the list or not there', async () => {
    const { url } = await priceListApi(products);
    const { notUsed } = await read('ap-northeast-2', url);
    const reasons = Object.fromEntries(notUsed.map(({ name, reason }) => [name, reason]));
    expect(reasons).to.include({
      'rds backup': 'ambiguous: 0.021, 0.095',
      'logs kept': 'has unit "GB", not GB-month',
      'web acl': '5000 is too far from the listed 5',
      'ec2 t4g.small': 'not found',
    });
  });

  it('ends with one sentence when the API is silent, refuses or fails', async () => {
    const failure = async (url: string, deadlineMs?: number) => {
      try {
        await read('us-east-1', url, deadlineMs);
      } catch (error) {
        return String(error);
      }
      return 'no error';
    };
    const silent = createServer(() => {
      // Never responds.
    });
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    onCleanup(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    expect(await failure(silentUrl, 200)).to.match(/did not answer in time/);
    const refusing = await awsCalls(() => ({ error: 'AccessDeniedException', status: 400 }));
    expect(await failure(refusing.url)).to.match(/refused these credentials.*pricing:GetProducts/);
    const failing = await awsCalls(() => ({ error: 'InternalErrorException', status: 500 }));
    expect(await failure(failing.url)).to.match(/did not answer: InternalErrorException/);
    const endless = await priceListApi(
      Array.from({ length: 30 }, () =>
        product('AmazonEC2', 'EBS:VolumeUsage.gp3', 'GB-Mo', '0.0800000000', inVirginia),
      ),
    );
    expect(await failure(endless.url)).to.match(/more than 10 pages of products for ebs gp3/);
  });
});

describe('npm run cost -- --live', () => {
  const cost = async (env: Record<string, string>, options: readonly string[] = []) => {
    const args = [
      'scripts/cost/index.ts',
      '--stage',
      'minimal',
      '--region',
      'ap-northeast-2',
      '--live',
    ].concat(options);
    const home = temporaryFolder('rowlock-home-');
    const PATH = process.env['PATH'] ?? '';
    try {
      const { stdout, stderr } = await run(process.execPath, args, {
        cwd: top,
        env: { PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  it('puts live prices into the table, says which are not, and still names what has no price', async () => {
    const { url } = await priceListApi(products);
    const { code, stdout, stderr } = await cost({
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/\| Redis \| cache\.t4g\.micro \| fixed \| \d+ × 0\.025\/hour \|/);
    expect(stdout).to.contain('- today: https://api.pricing.us-east-1.amazonaws.com');
    expect(stdout).to.match(/\*\*at least [0-9.]+, without rds gp3\*\*/);
    expect(stdout).to.contain(`9 of ${Object.keys(priceList).length} prices are live`);
    expect(stdout).to.contain('\n- rds backup: ambiguous: 0.021, 0.095\n');
  });

  it('fails with one sentence without credentials', async () => {
    const { code, stdout, stderr } = await cost({});
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^cost: found no AWS credentials\. .*AWS_PROFILE.*\n$/);
  });

  for (const option of [
    '--stage=x',
    '--shape=',
    '--region=',
    '--orders-per-month=',
    '--orders-per-month=0x10',
  ]) {
    it(`rejects ${option} in one sentence, before it asks for any price`, async () => {
      const [name = ''] = option.split('=');
      const { code, stderr } = await cost({}, [option]);
      expect(code).to.equal(1);
      expect(stderr).to.match(new RegExp(`^cost: ${name} must be .*\n$`));
    });
  }
});
