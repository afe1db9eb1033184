import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { clusterSettings } from '../../../lib/settings/cluster-settings.ts';
import type { AccountFacts } from '../../../scripts/preflight/account-facts.ts';
import { needsOfCluster } from '../../../scripts/preflight/account-needs.ts';
import { judgeAccount } from '../../../scripts/preflight/judge-account.ts';
import { type ClusterFacts, readCluster } from '../../../scripts/preflight/cluster-facts.ts';
import { judgeCluster } from '../../../scripts/preflight/judge-cluster.ts';
import { awsCalls, type AwsAnswer, type AwsCall } from '../../support/servers/aws-calls.ts';
import { pythonTool, pythonToolTimeoutMs } from '../../support/servers/python-tool.ts';
import { startMoto } from '../start-moto.ts';

const top = join(import.meta.dirname, '../../..');
const STAGE = 'production-cluster';
const settings = clusterSettings('production');
const none: ReadonlyMap<string, string> = new Map();

const sound: ClusterFacts = {
  clusters: { value: ['other'] },
  clusterQuota: { value: 100 },
  kubernetesSupport: { value: 'STANDARD_SUPPORT' },
  kafkaVersions: { value: ['3.9.x', '4.1.x.kraft'] },
  brokers: { value: new Map([['other', 60]]) },
  brokerQuota: { value: 90 },
  logGroups: { value: { stack: `Rowlock-${STAGE}-Cluster`, names: [] } },
  originKey: { value: { stack: `Rowlock-${STAGE}-Edge`, names: [] } },
};
const errors = (facts: Partial<ClusterFacts>, stacks = none) =>
  judgeCluster({ ...sound, ...facts }, settings, stacks)
    .filter(({ verdict }) => verdict === 'error')
    .map(({ text }) => text)
    .join('\n');

describe('preflight findings about EKS and MSK', () => {
  it('are no errors in an account that has room', () => {
    expect(errors({})).to.equal('');
    const texts = judgeCluster(sound, settings, none).map(({ verdict, text }) => `${verdict} ${text}`);
    expect(texts).to.include.members([
      'ok EKS supports Kubernetes 1.36',
      'ok MSK offers Kafka 4.1.x.kraft',
      'ok EKS clusters: 1 of 100 used, 1 needed',
      'ok brokers of MSK: 60 of 90 used, 3 needed',
    ]);
  });

  const faults: readonly [string, Partial<ClusterFacts>, RegExp][] = [
    [
      'a version in extended support',
      { kubernetesSupport: { value: 'EXTENDED_SUPPORT' } },
      /1\.36 is EXTENDED/,
    ],
    ['a version that EKS does not know', { kubernetesSupport: { value: undefined } }, /unknown to EKS/],
    [
      'a version that MSK does not offer',
      { kafkaVersions: { value: ['3.9.x'] } },
      /no Kafka 4\.1\.x\.kraft, but/,
    ],
    ['a full quota of clusters', { clusterQuota: { value: 1 } }, /EKS clusters: 1 of 1 used, 1 needed/],
    ['too few brokers left', { brokerQuota: { value: 62 } }, /brokers of MSK: 60 of 62 used, 3 needed/],
    [
      'names that are taken',
      { clusters: { value: [`rowlock-${STAGE}`] }, brokers: { value: new Map([[`rowlock-${STAGE}`, 3]]) } },
      /EKS cluster .* exists without its stack[\s\S]*MSK cluster .* exists without/,
    ],
    [
      'the log that a deleted cluster wrote',
      {
        logGroups: { value: { stack: `Rowlock-${STAGE}-Cluster`, names: ['log group /aws/eks/x/cluster'] } },
      },
      /log group .* exist\(s\) without Rowlock-production-cluster-Cluster/,
    ],
    [
      'the key of an origin that was deleted',
      { originKey: { value: { stack: `Rowlock-${STAGE}-Edge`, names: ['secret rowlock/x/origin-key'] } } },
      /secret .* exist\(s\) without Rowlock-production-cluster-Edge/,
    ],
  ];
  for (const [what, facts, reason] of faults)
    it(`include ${what}`, () => {
      expect(errors(facts)).to.match(reason);
    });

  it('exclude names and quotas of stacks that are deployed', () => {
    const stacks = new Map(
      ['Cluster', 'Events'].map((name) => [`Rowlock-${STAGE}-${name}`, 'UPDATE_COMPLETE']),
    );
    const own = { clusters: { value: [`rowlock-${STAGE}`] }, brokerQuota: { value: 1 } };
    expect(errors(own, stacks)).to.equal('');
  });

  it('include a zone with none of the types that nodes may have, but not one without VPC links', () => {
    const zones = ['a', 'b', 'c', 'e'].map((letter, index) => ({
      name: `us-east-1${letter}`,
      id: `use1-az${[1, 2, 4, 3][index]}`,
    }));
    const facts: AccountFacts = {
      region: 'us-east-1',
      zones,
      defaultSubnetZones: [],
      offerings: new Map([
        ['c7g.large', ['us-east-1a', 'us-east-1b']],
        ['m7g.large', ['us-east-1b', 'us-east-1e']],
      ]),
      databaseZones: { value: zones.map(({ name }) => name) },
      vcpus: new Map([['c7g.large', 2]]),
      runningVcpus: 0,
      vpcs: 0,
      addresses: 0,
      vcpuQuota: { value: 32 },
      vpcQuota: { value: 5 },
      addressQuota: { value: 5 },
      stacks: none,
      protectedRemains: [],
      bootstrapped: [],
      leftovers: [],
      distributions: { value: 1 },
    };
    const findings = judgeAccount(facts, needsOfCluster(settings), {});
    expect(findings.filter(({ verdict }) => verdict === 'error').map(({ text }) => text)).to.deep.equal([
      'zone us-east-1c (use1-az4): EC2 offers no c7g.large or m7g.large there; ' +
        'deploy with -c zones=us-east-1a,us-east-1b,us-east-1e',
    ]);
    // Five nodes during a release; Auto Mode may start up to 64 cores.
    expect(findings.map(({ text }) => text).join('\n')).to.match(/a release needs 10, the full fleet 64/);
  });
});

describe('what preflight reads of EKS and MSK', () => {
  const answer = ({ action, input }: AwsCall): AwsAnswer => {
    if (action.startsWith('/cluster-versions')) {
      const known = { clusterVersion: '1.36', versionStatus: 'STANDARD_SUPPORT' };
      return { json: { clusterVersions: [known] } };
    }
    if (action.startsWith('/clusters')) return { json: { clusters: ['one', 'two'] } };
    if (action.startsWith('/v1/kafka-versions'))
      return {
        json: {
          kafkaVersions: [
            { version: '4.1.x.kraft', status: 'ACTIVE' },
            { version: '2.2.1', status: 'DEPRECATED' },
          ],
        },
      };
    if (action.startsWith('/api/v2/clusters'))
      return { json: { clusterInfoList: [{ clusterName: 'one', provisioned: { numberOfBrokerNodes: 3 } }] } };
    if (action === 'ListServiceQuotas') {
      const isEks = input['ServiceCode'] === 'eks';
      const quota = isEks
        ? { QuotaName: 'Clusters', Value: 100 }
        : { QuotaName: 'Number of brokers per account', Value: 90 };
      return { json: { Quotas: [{ QuotaName: 'Other', Value: 1 }, quota] } };
    }
    if (action === 'DescribeLogGroups')
      return { json: { logGroups: [{ logGroupName: `/aws/eks/rowlock-${STAGE}/cluster` }] } };
    if (action === 'ListSecrets') {
      const isAskedForAll = input['IncludePlannedDeletion'] === true;
      const [{ Values: names }] = input['Filters'] as [{ Values: [string] }];
      return { json: { SecretList: isAskedForAll ? [{ Name: names[0], DeletedDate: 1_796_000_000 }] : [] } };
    }
    return { error: 'AccessDeniedException', status: 403 };
  };
  const names = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
  const read = async (from: (call: AwsCall) => AwsAnswer) => {
    const { url } = await awsCalls(from);
    for (const [index, value] of [url, 'test', 'test'].entries()) process.env[names[index] ?? ''] = value;
    return readCluster('us-east-1', STAGE);
  };
  afterEach(() => {
    for (const name of names) delete process.env[name];
  });

  it('is what their APIs answer', async () => {
    const { logGroups, originKey, ...facts } = await read(answer);
    expect(facts).to.deep.equal({
      clusters: { value: ['one', 'two'] },
      clusterQuota: { value: 100 },
      kubernetesSupport: { value: 'STANDARD_SUPPORT' },
      kafkaVersions: { value: ['4.1.x.kraft'] },
      brokers: { value: new Map([['one', 3]]) },
      brokerQuota: { value: 90 },
    });
    expect(logGroups).to.have.nested.property(
      'value.names[0]',
      `log group /aws/eks/rowlock-${STAGE}/cluster`,
    );
    expect(originKey).to.have.nested.property('value.names[0]', `secret rowlock/${STAGE}/origin-key`);
  });

  it('is a hint for a person where a permission is missing', async () => {
    const facts = await read(() => ({ error: 'AccessDeniedException', status: 403 }));
    const findings = judgeCluster(facts, settings, none);
    expect(findings.map(({ verdict }) => verdict)).to.not.include.members(['error', 'ok']);
    expect(findings.map(({ text }) => text).join('\n')).to.contain('AccessDeniedException');
  });
});

describe('npm run preflight -- --shape cluster against moto', function () {
  it('looks at zones, nodes and networks as for instances, and lists what it cannot read', async function () {
    this.timeout(pythonToolTimeoutMs);
    const endpoint = await startMoto(await pythonTool('moto[server]==5.2.5', this));
    const args = ['--stage=production', '--region=us-east-1', '--shape=cluster'];
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const output = await new Promise<string>((resolve) => {
      const script = join(top, 'scripts/preflight/index.ts');
      execFile(process.execPath, [script, ...args], { env, timeout: 60_000 }, (_error, stdout, stderr) =>
        resolve(`${stdout}${stderr}`),
      );
    });
    expect(output).to.match(/^ok +zone us-east-1a/m);
    expect(output).to.match(/^ok +zone us-east-1c/m);
    expect(output).to.not.contain('VPC link');
    expect(output).to.match(/^check +Kubernetes versions: could not be read/m);
    expect(output).to.match(/^error +not bootstrapped: .*us-east-1/m);
  });
});
