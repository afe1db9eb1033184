import { expect } from 'chai';
import { originKeyHeader } from '../../../app/contract/origin-key-header.ts';
import { healthCheck } from '../../../lib/edge/health-check.ts';
import { deadlines } from '../../../lib/settings/deadlines.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { type SynthesisedCluster, synthesisedCluster, withDomain } from './synthesised-cluster.ts';

const annotationsOf = (cluster: SynthesisedCluster) =>
  Object.fromEntries(
    Object.entries(cluster.object('Ingress', 'api').metadata.annotations ?? {}).map(([name, value]) => [
      name.replace('alb.ingress.kubernetes.io/', ''),
      value,
    ]),
  );

const distributionOf = (cluster: SynthesisedCluster) =>
  cluster.one('AWS::CloudFront::Distribution').Properties['DistributionConfig'];

for (const name of stageNames)
  describe(`the front door of the cluster of ${name}`, function () {
    let cluster: SynthesisedCluster;

    before(async () => {
      cluster = await synthesisedCluster(name);
    });

    it('is an Ingress of class alb whose controller sends to the pods from public subnets', () => {
      expect(cluster.object('Ingress', 'api').spec.ingressClassName).to.equal('alb');
      expect(cluster.object('IngressClass', 'alb').spec.controller).to.equal('eks.amazonaws.com/alb');
      const { spec } = cluster.object('IngressClassParams', 'alb');
      expect(spec.scheme).to.equal('internet-facing');
      expect(spec.subnets.ids).to.have.length(cluster.settings.shared.network.zones);
      for (const id of spec.subnets.ids) expect(id).to.match(/publicSubnet/);
      expect(annotationsOf(cluster)).to.include({
        'target-type': 'ip',
        'healthcheck-path': healthCheck.path,
        'target-group-attributes':
          `deregistration_delay.timeout_seconds=${deadlines.deregistrationS},` +
          'load_balancing.algorithm.type=least_outstanding_requests',
      });
    });

    it("admits only CloudFront's servers, and reaches only the pods of the API", () => {
      const group = cluster.one('AWS::EC2::SecurityGroup', 'IngressAccess').Properties;
      const [egress, ...more] = group['SecurityGroupEgress'] ?? [];
      expect(more).to.have.length(0);
      expect(egress ?? cluster.one('AWS::EC2::SecurityGroupEgress', 'IngressAccess').Properties).to.include({
        FromPort: 8080,
        ToPort: 8080,
      });
      const rules = [
        ...(group['SecurityGroupIngress'] ?? []),
        ...cluster
          .ofType('AWS::EC2::SecurityGroupIngress', 'Edge')
          .filter(({ logicalId }) => logicalId.startsWith('IngressAccessGroup'))
          .map(({ Properties }) => Properties),
      ] as Record<string, unknown>[];
      expect(rules).to.have.length(1);
      // One port: the list counts as 55 of a group's 60 rules.
      expect(rules[0]).to.include({ FromPort: 80, ToPort: 80 });
      expect(rules[0]).to.have.property('SourcePrefixListId');
      expect(rules[0]).to.not.have.any.keys('CidrIp', 'CidrIpv6');
    });

    it('is refused without the key that only this distribution sends', () => {
      const { Origins } = distributionOf(cluster);
      const api = Origins.find((origin: { CustomOriginConfig?: unknown }) => origin.CustomOriginConfig);
      const [header] = api.OriginCustomHeaders;
      expect(header.HeaderName).to.equal(originKeyHeader);
      expect(JSON.stringify(header.HeaderValue)).to.match(/resolve:secretsmanager/);
      const settings = cluster.objects.find((one) => one.kind === 'ConfigMap' && one.metadata.name === 'api');
      expect(JSON.stringify(settings)).to.contain('ORIGIN_KEYS');
    });

    it('caches the catalogue for at most a minute, by its query and nothing else', () => {
      const { CacheBehaviors } = distributionOf(cluster);
      const paths = CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern);
      expect(paths).to.include.members(['/products*', '/shop/*', '/images/*']);
      const policy = cluster.one('AWS::CloudFront::CachePolicy').Properties['CachePolicyConfig'];
      expect(policy).to.include({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 60 });
      const { CookiesConfig, HeadersConfig } = policy.ParametersInCacheKeyAndForwardedToOrigin;
      expect([CookiesConfig.CookieBehavior, HeadersConfig.HeaderBehavior]).to.deep.equal(['none', 'none']);
    });

    it('speaks HTTP to the balancer only without a domain', async () => {
      const protocol = (one: SynthesisedCluster) =>
        distributionOf(one).Origins.find(
          (origin: { CustomOriginConfig?: { OriginProtocolPolicy: string } }) => origin.CustomOriginConfig,
        ).CustomOriginConfig.OriginProtocolPolicy;
      expect(protocol(cluster)).to.equal('http-only');
      const named = await synthesisedCluster(name, withDomain);
      expect(protocol(named)).to.equal('https-only');
      expect(annotationsOf(named)).to.include({
        'listen-ports': '[{"HTTPS":443}]',
        'certificate-arn': withDomain.regionalCertificateArn,
      });
      const records = named
        .ofType('AWS::Route53::RecordSet')
        .map(({ Properties }) => `${Properties['Type']} ${Properties['Name']}`);
      expect(records).to.have.members([
        'A shop.example.com.',
        'AAAA shop.example.com.',
        'CNAME origin.shop.example.com.',
      ]);
    });

    it('has a web ACL with a rate in production, or the one that is named', async () => {
      const acls = cluster.ofType('AWS::WAFv2::WebACL');
      expect(acls).to.have.length(name === 'production' ? 1 : 0);
      const edgeWebAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b';
      const named = await synthesisedCluster(name, { edgeWebAclArn });
      expect(distributionOf(named).WebACLId).to.equal(edgeWebAclArn);
      expect(named.ofType('AWS::WAFv2::WebACL')).to.have.length(0);
    });

    it('can be a balancer of CloudFormation, to which the controller only binds the pods', async () => {
      const bound = await synthesisedCluster(name, { front: 'bound' });
      expect(bound.objects.filter(({ kind }) => kind.startsWith('Ingress'))).to.deep.equal([]);
      expect(bound.object('TargetGroupBinding', 'api').spec.targetType).to.equal('ip');
      const targets = bound.one('AWS::ElasticLoadBalancingV2::TargetGroup').Properties;
      expect(targets['TargetType']).to.equal('ip');
      const tags = targets['Tags'] as { Key: string }[];
      expect(tags.map(({ Key }) => Key)).to.include('eks:eks-cluster-name');
      const balancer = bound.one('AWS::ElasticLoadBalancingV2::LoadBalancer').Properties;
      expect(balancer['Scheme']).to.equal('internet-facing');
      expect(balancer['Subnets']).to.have.length(bound.settings.shared.network.zones);
      const rules = bound
        .ofType('AWS::EC2::SecurityGroupIngress', 'Edge')
        .filter(({ logicalId }) => logicalId.startsWith('BoundAccessGroup'))
        .map(({ Properties }) => Properties);
      expect(rules).to.have.length(1);
      expect(rules[0]).to.have.property('SourcePrefixListId');
    });
  });
