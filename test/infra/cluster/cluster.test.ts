import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { expect } from 'chai';
import { clusterSettings, checkClusterSettings } from '../../../lib/settings/cluster-settings.ts';
import { deploymentShape } from '../../../lib/settings/deployment-shape.ts';
import { kubernetesVersion } from '../../../lib/settings/kubernetes-version.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { type SynthesisedCluster, synthesiseClusterWith, synthesisedCluster } from './synthesised-cluster.ts';

const top = join(import.meta.dirname, '../../..');
const DAY_MS = 86_400_000;

describe('the shape of a deployment', () => {
  it('is instances unless cluster is requested, and rejects any other', () => {
    expect(deploymentShape(undefined)).to.equal('instances');
    expect(deploymentShape('cluster')).to.equal('cluster');
    expect(() => deploymentShape('eks')).to.throw('pass -c shape=instances or -c shape=cluster');
  });
});

describe('the settings of the cluster', () => {
  const settings = clusterSettings('production');

  it('reject brokers that the zones do not share evenly, and partitions that one disk could lose', () => {
    const change = (kafka: Partial<typeof settings.kafka>) => () =>
      checkClusterSettings({ ...settings, kafka: { ...settings.kafka, ...kafka } });
    expect(change({})).to.not.throw();
    expect(change({ brokers: 4 })).to.throw(/kafka\.brokers/);
    expect(change({ replicationFactor: 4 })).to.throw(/kafka\.replicationFactor/);
    expect(change({ minInsyncReplicas: 1 })).to.throw(/kafka\.minInsyncReplicas/);
    expect(change({ partitions: 2 })).to.throw(/dataPlatform\.replicas/);
  });

  it('count the connections of all pods during a rolling update', () => {
    const { shared, api } = clusterSettings('minimal');
    expect(() =>
      checkClusterSettings({
        ...clusterSettings('minimal'),
        shared: { ...shared, fleet: { ...shared.fleet, databasePoolMax: api.databasePoolMax + 1 } },
      }),
    ).to.throw(/databasePoolMax: the processes may open/);
  });

  it('use a Kubernetes version with 60 days of standard support left, and its kubectl', () => {
    const leftMs = Date.parse(kubernetesVersion.standardSupportEnds) - Date.now();
    expect(leftMs / DAY_MS, 'upgrade the cluster: lib/settings/kubernetes-version.ts').to.be.greaterThan(60);
    const { devDependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const kubectl = `@aws-cdk/lambda-layer-kubectl-v${kubernetesVersion.version.replace('1.', '')}`;
    expect(devDependencies).to.have.property(kubectl);
  });
});

for (const name of stageNames)
  describe(`the cluster of ${name}`, function () {
    let cluster: SynthesisedCluster;

    before(async () => {
      cluster = await synthesisedCluster(name);
    });

    it('has no unexplained finding of cdk-nag', () => {
      expect(cluster.resources).to.have.length.of.at.least(150);
    });

    it('is in Auto Mode without built-in pools, private, logged and encrypted', () => {
      const { Properties } = cluster.one('AWS::EKS::Cluster');
      expect(Properties['ComputeConfig']).to.deep.equal({ Enabled: true, NodePools: [] });
      expect(Properties['StorageConfig']).to.deep.equal({ BlockStorage: { Enabled: true } });
      expect(Properties['KubernetesNetworkConfig']['ElasticLoadBalancing']).to.deep.equal({ Enabled: true });
      expect(Properties['UpgradePolicy']).to.deep.equal({ SupportType: 'STANDARD' });
      expect(Properties['ResourcesVpcConfig']).to.include({
        EndpointPublicAccess: false,
        EndpointPrivateAccess: true,
      });
      expect(Properties['EncryptionConfig'][0]['Resources']).to.deep.equal(['secrets']);
      const types = Properties['Logging']['ClusterLogging']['EnabledTypes'] as { Type: string }[];
      expect(types.map(({ Type }) => Type)).to.have.members([
        'api',
        'audit',
        'authenticator',
        'controllerManager',
        'scheduler',
      ]);
    });

    it('starts Arm nodes in the private subnets, which enforce network policies', () => {
      const pool = cluster.object('NodePool', 'rowlock');
      const required = Object.fromEntries(
        pool.spec.template.spec.requirements.map(({ key, values }) => [key, values]),
      );
      expect(required['kubernetes.io/arch']).to.deep.equal(['arm64']);
      for (const type of required['node.kubernetes.io/instance-type'] ?? [])
        expect(type).to.match(/^[a-z]\d+g[a-z]*\./);
      const nodes = cluster.object('NodeClass', 'rowlock');
      expect(nodes.spec.networkPolicy).to.equal('DefaultAllow');
      expect(nodes.spec.subnetSelectorTerms).to.have.length(cluster.settings.shared.network.zones);
      const controller = cluster.object('ConfigMap', 'amazon-vpc-cni');
      expect(controller.data).to.deep.equal({ 'enable-network-policy-controller': 'true' });
      expect(cluster.one('AWS::EKS::AccessEntry', 'EksNodeAccess').Properties['Type']).to.equal('EC2');
    });

    it("lets only the deployment use kubectl, unless an operators' role is named", async () => {
      const admins = (one: SynthesisedCluster) =>
        one.ofType('AWS::EKS::AccessEntry').filter(({ logicalId }) => logicalId.startsWith('EksAdmin'));
      expect(admins(cluster)).to.have.length(0);
      const clusterAdminRoleArn = 'arn:aws:iam::123456789012:role/operators';
      const named = await synthesisedCluster(name, { clusterAdminRoleArn });
      expect(admins(named).map(({ Properties }) => Properties['PrincipalArn'])).to.deep.equal([
        clusterAdminRoleArn,
      ]);
    });

    it("sends the app's log lines unchanged to groups that expire", () => {
      const { Properties } = cluster.one('AWS::EKS::Addon', 'AddOnsObservability');
      const text = JSON.stringify(Properties['ConfigurationValues']);
      const outputs = text.split('[OUTPUT]').slice(1);
      expect(outputs).to.have.length(4);
      for (const output of outputs) {
        expect(output).to.contain('log_key log');
        expect(output).to.contain('log_format json/emf');
      }
      for (const { Properties: group } of cluster.ofType('AWS::Logs::LogGroup'))
        expect(group).to.have.property('RetentionInDays');
      expect(cluster.one('AWS::EKS::Addon', 'AddOnsMetricsServer').Properties['AddonName']).to.equal(
        'metrics-server',
      );
    });
  });

describe('mistakes in the cluster', () => {
  it('are detected: a security group that is open to the world', async () => {
    const failure = await synthesiseClusterWith(clusterSettings('minimal'), {}, ({ events }) => {
      events.kafka.connections.allowFrom(Peer.anyIpv4(), Port.tcp(9098));
    }).then(String, String);
    expect(failure).to.match(/Validation failed|AwsSolutions-EC23/);
  });
});
