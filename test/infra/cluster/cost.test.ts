import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clusterCosts } from '../../../lib/cost/cluster-costs.ts';
import { sumText } from '../../../lib/cost/cost-table.ts';
import { estimateCost } from '../../../lib/cost/estimate-cost.ts';
import { expectedUse } from '../../../lib/cost/expected-use.ts';
import { freeTypes } from '../../../lib/cost/free-types.ts';
import { pricedRegions } from '../../../lib/cost/price-list.ts';
import { resourceCosts } from '../../../lib/cost/resource-costs.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { synthesisedStage } from '../../support/observe/synthesised-stage.ts';
import { synthesisedCluster } from './synthesised-cluster.ts';

const use = expectedUse(100_000);

describe('the cost of a month of the cluster', () => {
  for (const name of stageNames)
    it(`knows every resource type of ${name}, and every price in us-east-1`, async () => {
      const { resources, settings } = await synthesisedCluster(name);
      const estimate = estimateCost(resources, use);
      expect(estimate.unpriced).to.deep.equal([]);
      expect(estimate.unpricedItems).to.deep.equal([]);
      const quantity = (item: string, specification: RegExp) =>
        estimate.lines
          .filter((line) => line.item === item && specification.test(line.specification))
          .reduce((sum, line) => sum + line.quantity, 0);
      expect(quantity('Nodes', /×/)).to.equal(settings.nodes.expected * 730);
      expect(quantity('Nodes', /Auto Mode/)).to.equal(settings.nodes.expected * 730);
      expect(quantity('Kafka', /kafka/)).to.equal(settings.kafka.brokers * 730);
      expect(quantity('Load balancer', /Ingress/)).to.equal(730);
      expect(quantity('Public IPv4', /balancer/)).to.equal(settings.shared.network.zones * 730);
      expect(estimate.lines.map(({ specification }) => specification)).to.not.include('of instances');
    });

  it('is 1.5 to 3 times that of instances, as the pages say', async () => {
    for (const name of stageNames) {
      const cluster = estimateCost((await synthesisedCluster(name)).resources, use);
      const instances = estimateCost(synthesisedStage(name).resources, use);
      expect(cluster.fixedUsd / instances.fixedUsd, name).to.be.within(1.5, 3);
    }
  });

  it('equals the figures of docs/cluster.md', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/cluster.md'), 'utf8');
    for (const region of pricedRegions)
      for (const name of stageNames) {
        const estimate = estimateCost((await synthesisedCluster(name)).resources, use, region);
        const { fixedUsd, usageUsd, unpricedItems } = estimate;
        const missing = unpricedItems.map(({ price }) => price);
        const atLeast = missing.length > 0 ? 'at least ' : '';
        const sum = sumText(fixedUsd + usageUsd, missing, 0);
        const row = [name, region, `${atLeast}${fixedUsd.toFixed(0)}`, usageUsd.toFixed(0), sum];
        expect(page).to.contain(`| ${row.join(' | ')} |`);
      }
  });

  it('lists what has no price in a region, and never uses that of another one', async () => {
    const { resources } = await synthesisedCluster('production');
    const estimate = estimateCost(resources, use, 'ap-northeast-2');
    expect(estimate.unpricedItems.map(({ price }) => price)).to.include.members([
      'ec2 c7g.large',
      'kafka m7g.large',
    ]);
  });

  it('has no type that is both free and priced, or priced twice', () => {
    for (const type of Object.keys(clusterCosts)) {
      expect(freeTypes.has(type), type).to.equal(false);
      expect(resourceCosts, type).to.not.have.property(type);
    }
  });
});
