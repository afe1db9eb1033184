import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { MonthlyUse, TemplateResource } from '../../lib/cost/cost-item.ts';
import { costTable, sumText } from '../../lib/cost/cost-table.ts';
import { estimateCost } from '../../lib/cost/estimate-cost.ts';
import { expectedUse } from '../../lib/cost/expected-use.ts';
import { freeTypes } from '../../lib/cost/free-types.ts';
import { savingsOf } from '../../lib/cost/levers.ts';
import { pricedRegions, priceList } from '../../lib/cost/price-list.ts';
import { priceSources } from '../../lib/cost/price-sources.ts';
import { resourceCosts } from '../../lib/cost/resource-costs.ts';
import { stageNames, type StageSettings } from '../../lib/settings/stage-settings.ts';
import { synthesise, synthesisedStage } from '../support/observe/synthesised-stage.ts';

const top = join(import.meta.dirname, '../..');
const nobody: MonthlyUse = {
  orders: 0,
  requestsPerOrder: 40,
  writesPerOrder: 5,
  bytesPerReply: 4000,
  imagesGb: 0,
  imageBytesPerOrder: 0,
  busyHours: 0,
  ordersPerMessage: 1,
};
const resource = (Type: string, Properties: Record<string, unknown>, logicalId = 'R'): TemplateResource => ({
  logicalId,
  stack: 'S',
  Type,
  Properties,
});

/** Computes each value once. */
const once = <A, R>(make: (argument: A) => R) => {
  const made = new Map<string, R>();
  return (argument: A): R => {
    const key = JSON.stringify(argument);
    const found = made.get(key) ?? make(argument);
    made.set(key, found);
    return found;
  };
};

describe('the cost of a month', function () {
  for (const name of stageNames)
    it(`knows every resource type of ${name}`, () => {
      const estimate = estimateCost(synthesisedStage(name).resources, expectedUse(100_000));
      expect(estimate.unpriced).to.deep.equal([]);
      expect(estimate.fixedUsd).to.be.greaterThan(100);
    });

  it('counts a metric once if filters of two log groups write it', () => {
    const filter = (logicalId: string, MetricName: string) =>
      resource('AWS::Logs::MetricFilter', { MetricTransformations: [{ MetricName }] }, logicalId);
    const filters = [filter('A', 'Shared'), filter('B', 'Shared'), filter('C', 'Own')];
    expect(estimateCost(filters, nobody).fixedUsd).to.equal(2 * 0.3);
  });

  it('includes what a domain adds', () => {
    const stage = synthesisedStage('production', {
      domain: 'shop.example.com',
      hostedZoneId: 'Z0123456789ABC',
      hostedZoneName: 'example.com',
      edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
      regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
      alarmEmail: 'oncall@example.com',
    });
    expect(estimateCost(stage.resources, nobody).unpriced).to.deep.equal([]);
  });

  it('lists an unpriced resource type, and never counts it as zero', () => {
    const estimate = estimateCost([resource('AWS::Redshift::Cluster', {})], nobody);
    expect(estimate).to.deep.include({ unpriced: ['AWS::Redshift::Cluster'], lines: [] });
    const settings = synthesisedStage('minimal').settings;
    expect(costTable(estimate, { settings, orders: 0 })).to.contain('Not priced: AWS::Redshift::Cluster.');
  });

  it('stops at an instance type without a price', () => {
    const database = resource('AWS::RDS::DBInstance', { DBInstanceClass: 'db.x9g.large' });
    expect(() => estimateCost([database], nobody)).to.throw(/no price for rds db\.x9g\.large/);
  });

  it('adds up hours, copies and gigabytes', () => {
    const database = { DBInstanceClass: 'db.t4g.micro', AllocatedStorage: '20' };
    const one = estimateCost([resource('AWS::RDS::DBInstance', { ...database, MultiAZ: false })], nobody);
    const two = estimateCost([resource('AWS::RDS::DBInstance', { ...database, MultiAZ: true })], nobody);
    // 730 h at 0.016 and 20 GB at 0.115.
    expect(one.fixedUsd).to.be.closeTo(11.68 + 2.3, 0.001);
    expect(two.fixedUsd).to.be.closeTo(2 * one.fixedUsd, 0.001);
    const nodes = resource('AWS::ElastiCache::ReplicationGroup', {
      CacheNodeType: 'cache.t4g.micro',
      NumNodeGroups: 1,
      ReplicasPerNodeGroup: 1,
    });
    expect(estimateCost([nodes], nobody).fixedUsd).to.be.closeTo(2 * 730 * 0.016, 0.001);
  });

  it('uses the minimum size of a fleet, with the volumes of its template', () => {
    const group = resource('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '2',
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } },
    });
    const template = resource(
      'AWS::EC2::LaunchTemplate',
      {
        LaunchTemplateData: { InstanceType: 't4g.small', BlockDeviceMappings: [{ Ebs: { VolumeSize: 8 } }] },
      },
      'Template',
    );
    const { fixedUsd } = estimateCost([group, template], nobody);
    expect(fixedUsd).to.be.closeTo(2 * (730 * 0.0168 + 8 * 0.08), 0.001);
  });

  it('separates fixed costs from usage', () => {
    const { resources } = synthesisedStage('minimal');
    const [few, many] = [
      estimateCost(resources, expectedUse(1000)),
      estimateCost(resources, expectedUse(1e6)),
    ];
    expect(many.fixedUsd).to.equal(few.fixedUsd);
    expect(many.usageUsd).to.be.greaterThan(few.usageUsd);
    const requests = many.lines.find(({ price }) => price === 'rest api requests');
    // 40 requests for each of a million orders.
    expect(requests).to.include({ quantity: 40, usd: 40 * 3.5 });
  });

  it('computes log volume from the share of reads that the stage logs', () => {
    const linesOf = (name: (typeof stageNames)[number]) =>
      estimateCost(synthesisedStage(name).resources, expectedUse(1e6)).lines.find(({ specification }) =>
        specification.startsWith("requests in the app's log"),
      );
    // Five writes per order for a million orders, plus 35 reads per order: all of them, or 5 %.
    expect(linesOf('minimal')?.quantity).to.be.closeTo(40 * 0.33, 0.001);
    expect(linesOf('production')?.specification).to.contain(': 5 % of reads');
    expect(linesOf('production')?.quantity).to.be.closeTo((5 + 1.75) * 0.33, 0.001);
  });

  it('counts SQS requests per message, which holds more orders the more are sold', () => {
    const requestsOf = (orders: number) =>
      estimateCost(synthesisedStage('minimal').resources, expectedUse(orders)).lines.find(
        ({ price }) => price === 'sqs requests',
      )?.quantity ?? Number.NaN;
    // 131,400 polls of 20 s wait in vain. Each message is sent, received and deleted.
    expect(requestsOf(0)).to.be.closeTo(0.1314, 1e-6);
    // 1.4 orders per second in 20 hours: hardly two of one process within 50 ms.
    expect(requestsOf(100_000)).to.be.closeTo(0.1314 + 0.3 / 1.035, 1e-3);
    // 139 orders per second at two processes: 4.5 in 50 ms each.
    expect(requestsOf(10_000_000)).to.be.closeTo(0.1314 + 30 / 4.47, 0.01);
    // Full messages.
    expect(requestsOf(1e9)).to.be.closeTo(0.1314 + 3000 / 128, 0.01);
  });

  it('includes items that are easily forgotten', () => {
    const { lines } = estimateCost(synthesisedStage('production').resources, expectedUse(100_000));
    expect(lines.map(({ item }) => item)).to.include.members([
      'Public IPv4',
      'Instance volumes',
      'Custom metrics',
      'Alarms',
      'WAF',
      'Traffic between zones',
      'Secrets',
    ]);
  });

  it('has a source for each price, and no type both free and priced', () => {
    for (const [name, price] of Object.entries(priceList)) {
      expect(price['us-east-1'] ?? price['ap-northeast-2'], name).to.not.equal(undefined);
      for (const region of pricedRegions) {
        const quote = price[region];
        if (quote === undefined) continue;
        expect(quote.usd, name).to.be.greaterThan(0);
        const { url, date, read } = priceSources[quote.source];
        expect(url, name).to.match(/^https:\/\//);
        expect(date ?? read, name).to.match(/^20\d\d-\d\d(-\d\d)?$|^not looked up$/);
        // A price file covers one region only, except for the firewall, which costs the same in all.
        const fileOf = /\/current\/([a-z0-9-]+)\//.exec(url)?.[1];
        if (fileOf !== undefined && !url.includes('/awswaf/')) expect(fileOf, name).to.equal(region);
      }
    }
    expect(Object.keys(resourceCosts).filter((type) => freeTypes.has(type))).to.deep.equal([]);
  });

  it("never uses another region's price: an unpriced item is listed and not in the sum", () => {
    const { resources, settings } = synthesisedStage('production');
    const use = expectedUse(100_000);
    const here = estimateCost(resources, use);
    const seoul = estimateCost(resources, use, 'ap-northeast-2');
    expect(here.unpricedItems).to.deep.equal([]);
    const missing = new Set(seoul.unpricedItems.map(({ price }) => price));
    expect([...missing]).to.have.members(
      // The list also has prices that only the cluster needs.
      [...new Set(here.lines.map(({ price }) => price))].filter(
        (name) => priceList[name]['ap-northeast-2'] === undefined,
      ),
    );
    expect(missing.size).to.be.greaterThan(0);
    expect(seoul.lines.length + seoul.unpricedItems.length).to.equal(here.lines.length);
    for (const { price, quote } of seoul.lines)
      expect(quote).to.deep.equal(priceList[price]['ap-northeast-2']);
    const text = costTable(seoul, { settings, orders: 100_000 });
    expect(text).to.contain('Stage production, ap-northeast-2');
    for (const price of missing) {
      expect(text).to.match(new RegExp(`at least [0-9.]+, without .*${price.replace('.', '\\.')}`));
    }
    expect(text.match(/\| not priced \|/g)).to.have.lengthOf(seoul.unpricedItems.length);
    expect(text).to.not.match(/ \| 0\.00 \|\n.*c7g/);
  });

  it('prices hidden growth: backups, stored logs, S3 requests and surplus CPU credits', () => {
    const linesOf = (orders: number) =>
      estimateCost(synthesisedStage('minimal').resources, expectedUse(orders)).lines;
    const quantity = (orders: number, price: string) =>
      linesOf(orders).find((line) => line.price === price)?.quantity ?? Number.NaN;
    // Backups up to the database size are free: a million orders and a week of changes are 14 GB of 20.
    expect(quantity(100_000, 'rds backup')).to.equal(0);
    expect(quantity(10_000_000, 'rds backup')).to.be.closeTo(120 + 7 * 3.33 - 20, 1);
    for (const price of ['logs kept', 's3 reads', 's3 writes', 'surplus credits'])
      expect(quantity(100_000, price), price).to.be.greaterThan(0);
    // Two instances with two cores each use 30 % more than they earn.
    expect(quantity(100_000, 'surplus credits')).to.be.closeTo(2 * 2 * 0.3 * 20, 0.001);
  });

  it('prices the logs of the network and of each web ACL', () => {
    const quantity = (name: (typeof stageNames)[number], what: string) =>
      estimateCost(synthesisedStage(name).resources, expectedUse(1e6)).lines.find(
        ({ specification }) => specification === what,
      )?.quantity;
    // One record of 100 bytes per second at each NAT gateway.
    expect(quantity('minimal', 'connections that the network rejects')).to.be.closeTo(0.2628, 1e-6);
    expect(quantity('production', 'connections that the network rejects')).to.be.closeTo(2 * 0.2628, 1e-6);
    // 1 % of 40 million requests, 1.5 KB each, at the edge and at the gateway.
    expect(quantity('minimal', 'requests that a web ACL blocks')).to.equal(undefined);
    expect(quantity('production', 'requests that a web ACL blocks')).to.be.closeTo(2 * 0.6, 1e-6);
  });

  it('states what each lever would save, and nothing if a price is missing', () => {
    const { resources, settings } = synthesisedStage('production');
    const use = expectedUse(100_000);
    const given = {
      settings,
      resources,
      use,
      synthesise: once((changed: StageSettings) => synthesise(changed).resources),
    };
    const saved = (region: (typeof pricedRegions)[number]) =>
      Object.fromEntries(
        savingsOf(estimateCost(resources, use, region), given).map(({ lever, usd }) => [lever, usd]),
      );
    const here = saved('us-east-1');
    // 730 h of the class, 100 GB, and the alarms on its lag and its storage.
    expect(here['no read replica']).to.be.closeTo(730 * 0.239 + 100 * 0.115 + 0.2, 0.001);
    expect(here['no standby of MySQL']).to.be.closeTo(730 * 0.239 + 100 * 0.115, 0.001);
    // Includes its address, the alarm on its ports and its log of rejected connections.
    expect(here['one NAT gateway']).to.be.closeTo(730 * (0.045 + 0.005) + 0.045 + 0.1 + 0.2628 * 0.25, 0.001);
    expect(here['Valkey in place of Redis']).to.be.closeTo(4 * 730 * (0.032 - 0.0256), 0.001);
    expect(saved('ap-northeast-2')).to.include({ 'no read replica': undefined });
    const table = costTable(estimateCost(resources, use), {
      settings,
      orders: 100_000,
      savings: savingsOf(estimateCost(resources, use), given),
    });
    expect(table).to.match(/\| no read replica \| 186\.17 \|/);
  });

  it('equals the figures of docs/deploy.md and of both READMEs', () => {
    const deploy = readFileSync(join(top, 'docs/deploy.md'), 'utf8');
    const readmes = ['README.md', 'README.ko.md'].map((file) => readFileSync(join(top, file), 'utf8'));
    for (const region of pricedRegions)
      for (const name of stageNames) {
        const estimate = estimateCost(synthesisedStage(name).resources, expectedUse(100_000), region);
        const { fixedUsd, usageUsd, unpricedItems } = estimate;
        const atLeast = (part: 'fixed' | 'usage') =>
          unpricedItems.some((item) => item.part === part) ? 'at least ' : '';
        const row = [
          name,
          region,
          `${atLeast('fixed')}${fixedUsd.toFixed(0)}`,
          `${atLeast('usage')}${usageUsd.toFixed(0)}`,
          sumText(
            fixedUsd + usageUsd,
            unpricedItems.map(({ price }) => price),
            0,
          ),
        ];
        expect(deploy).to.contain(`| ${row.join(' | ')} |`);
        if (region === 'us-east-1')
          for (const readme of readmes)
            expect(readme.replaceAll(/\s+/g, ' ')).to.contain(` ${row.at(-1)} USD`);
      }
  });
});
