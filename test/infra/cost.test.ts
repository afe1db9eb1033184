import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { MonthlyUse, TemplateResource } from '../../lib/cost/cost-item.ts';
import { costTable } from '../../lib/cost/cost-table.ts';
import { estimateCost } from '../../lib/cost/estimate-cost.ts';
import { expectedUse } from '../../lib/cost/expected-use.ts';
import { freeTypes } from '../../lib/cost/free-types.ts';
import { priceList } from '../../lib/cost/price-list.ts';
import { resourceCosts } from '../../lib/cost/resource-costs.ts';
import { stageNames } from '../../lib/stages.ts';
import { synthesisedStage } from '../support/synthesised-stage.ts';

const top = join(import.meta.dirname, '../..');
const nobody: MonthlyUse = {
  orders: 0,
  requestsPerOrder: 40,
  bytesPerReply: 4000,
  imagesGb: 0,
  imageBytesPerOrder: 0,
};
const resource = (Type: string, Properties: Record<string, unknown>, logicalId = 'R'): TemplateResource => ({
  logicalId,
  stack: 'S',
  Type,
  Properties,
});

describe('the cost of a month', function () {
  this.timeout(60_000);

  for (const name of stageNames)
    it(`knows every resource type of ${name}`, () => {
      const estimate = estimateCost(synthesisedStage(name).resources, expectedUse(100_000));
      expect(estimate.unpriced).to.deep.equal([]);
      expect(estimate.fixedUsd).to.be.greaterThan(100);
    });

  it('knows what a domain adds', () => {
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

  it('lists a type that nobody has priced, and never as zero', () => {
    const estimate = estimateCost([resource('AWS::MSK::Cluster', {})], nobody);
    expect(estimate).to.deep.include({ unpriced: ['AWS::MSK::Cluster'], lines: [] });
    const settings = synthesisedStage('minimal').settings;
    expect(costTable(estimate, { settings, orders: 0 })).to.contain('Not priced: AWS::MSK::Cluster.');
  });

  it('stops at an instance type without a price', () => {
    const database = resource('AWS::RDS::DBInstance', { DBInstanceClass: 'db.x9g.large' });
    expect(() => estimateCost([database], nobody)).to.throw(/no price of rds db\.x9g\.large/);
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

  it('takes the least of a fleet with the volumes of its template', () => {
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

  it('tells what is due without a visitor from what use costs', () => {
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

  it('names what is easily forgotten', () => {
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
    for (const [name, { usd, source }] of Object.entries(priceList)) {
      expect(usd, name).to.be.greaterThan(0);
      expect(source, name).to.match(/^https:\/\/aws\.amazon\.com\/.+pricing\//);
    }
    expect(Object.keys(resourceCosts).filter((type) => freeTypes.has(type))).to.deep.equal([]);
  });

  it('is what the README and docs/deploy.md say', () => {
    const documents = ['README.md', 'docs/deploy.md'].map((file) => readFileSync(join(top, file), 'utf8'));
    for (const name of stageNames) {
      const { settings, resources } = synthesisedStage(name);
      const estimate = estimateCost(resources, expectedUse(100_000));
      const sums = [estimate.fixedUsd, estimate.usageUsd, estimate.fixedUsd + estimate.usageUsd];
      const row = `| ${settings.name} | ${sums.map((sum) => sum.toFixed(0)).join(' | ')} |`;
      for (const text of documents) expect(text).to.contain(row);
    }
  });
});
