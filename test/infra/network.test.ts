import { expect } from 'chai';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { openEgress, securityGroupChain } from './security-group-chain.ts';
import { synthesisedStage, type SynthesisedStage } from '../support/observe/synthesised-stage.ts';

for (const name of stageNames)
  describe(`the network of ${name}`, function () {
    let stage: SynthesisedStage;
    before(() => {
      stage = synthesisedStage(name);
    });

    it('allows only gateway to balancer, balancer to app, and app to data', () => {
      const cache = name === 'production' ? ['Api → RedisCache :6379'] : [];
      expect(securityGroupChain(stage)).to.deep.equal(
        [
          'FrontDoorLink → Balancer :80',
          'MigrationsRunner → Database :mysql',
          'Balancer → Api :8080',
          'Api → Database :mysql',
          'DataPlatform → Database :mysql',
          'AccountsMaker → Database :mysql',
          'AccountsRotation → Database :mysql',
          'Api → RedisState :6379',
          ...cache,
        ].toSorted(),
      );
    });

    it('lets instances and functions call AWS over HTTPS, and data and balancer call nothing', () => {
      expect(openEgress(stage)).to.deep.equal([
        'AccountsMaker → 0.0.0.0/0 :443',
        'AccountsRotation → 0.0.0.0/0 :443',
        'Api → 0.0.0.0/0 :443',
        'DataPlatform → 0.0.0.0/0 :443',
        'MigrationsRunner → 0.0.0.0/0 :443',
        'PagesPublisher → 0.0.0.0/0 :443',
      ]);
    });

    it('spreads three kinds of subnets over two zones, none with automatic public addresses', () => {
      const subnets = stage.ofType('AWS::EC2::Subnet');
      expect(subnets).to.have.lengthOf(6);
      for (const { Properties, logicalId } of subnets) {
        expect(Properties['MapPublicIpOnLaunch'], logicalId).to.equal(false);
      }
      const zones = new Set(subnets.map(({ Properties }) => JSON.stringify(Properties['AvailabilityZone'])));
      expect(zones.size).to.equal(2);
      expect(stage.ofType('AWS::EC2::NatGateway')).to.have.lengthOf(stage.settings.network.natGateways);
    });

    it('gives the isolated subnets no route out', () => {
      const routes = stage.ofType('AWS::EC2::Route').map(({ logicalId }) => logicalId);
      expect(routes).to.have.lengthOf(4);
      for (const route of routes) expect(route).to.match(/^Vpc(public|private)Subnet/);
    });

    it('places data in the isolated subnets, and balancer, link and instances in the private ones', () => {
      const placed = (type: string, property: (properties: Record<string, unknown>) => unknown) =>
        stage.ofType(type).map(({ Properties }) => {
          const ids = JSON.stringify(property(Properties)).match(/Vpc(public|private|isolated)Subnet/g);
          return [...new Set(ids)].join();
        });
      const inPrivate = (found: string[]) => found.every((subnets) => subnets === 'VpcprivateSubnet');
      const isolated = [
        ...placed('AWS::RDS::DBSubnetGroup', ({ SubnetIds }) => SubnetIds),
        ...placed('AWS::ElastiCache::SubnetGroup', ({ SubnetIds }) => SubnetIds),
      ];
      expect(new Set(isolated)).to.deep.equal(new Set(['VpcisolatedSubnet']));
      for (const found of [
        placed('AWS::ElasticLoadBalancingV2::LoadBalancer', ({ Subnets }) => Subnets),
        placed('AWS::ApiGatewayV2::VpcLink', ({ SubnetIds }) => SubnetIds),
        placed('AWS::AutoScaling::AutoScalingGroup', ({ VPCZoneIdentifier }) => VPCZoneIdentifier),
      ]) {
        expect(found).to.satisfy(inPrivate).and.to.have.length.of.at.least(1);
      }
    });

    it('logs rejected connections', () => {
      expect(stage.one('AWS::EC2::FlowLog').Properties).to.include({ TrafficType: 'REJECT' });
    });
  });

describe('the network in named zones', function () {
  it("has a subnet of each kind in each named zone, whatever the account's zone order", () => {
    const stage = synthesisedStage('minimal', { zones: 'us-east-1b,us-east-1d' });
    const zones = stage.ofType('AWS::EC2::Subnet').map(({ Properties }) => Properties['AvailabilityZone']);
    expect(zones).to.have.lengthOf(6);
    for (const zone of ['us-east-1b', 'us-east-1d']) {
      expect(zones.filter((name) => name === zone)).to.have.lengthOf(3);
    }
    expect(JSON.stringify(stage.resources)).to.not.contain('Fn::GetAZs');
  });

  it("rejects a number of zones that differs from the stage's", () => {
    expect(() => synthesisedStage('minimal', { zones: 'us-east-1b' })).to.throw(
      /1 given, but the stage has 2/,
    );
  });
});
