import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'chai';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { lookAtKubernetes } from '../../../scripts/smoke/kubernetes-state.ts';
import { clusterStackNames, reportingAlarms } from '../../../scripts/smoke/smoke-cluster.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { awsCalls, type AwsAnswer, type AwsCall } from '../../support/servers/aws-calls.ts';
import { synthesisedCluster } from './synthesised-cluster.ts';

const top = join(import.meta.dirname, '../../..');
const STAGE = 'minimal-cluster';
const topic = 'arn:aws:sns:ap-northeast-2:123456789012:people';
const context = `arn:aws:eks:ap-northeast-2:123456789012:cluster/rowlock-${STAGE}`;

const deployment = (name: string, available = 2) => ({
  kind: 'Deployment',
  metadata: { name, generation: 3 },
  spec: { replicas: 2 },
  status: { observedGeneration: 3, updatedReplicas: 2, availableReplicas: available },
});
const autoscaler = (status: 'True' | 'False') => ({
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'api' },
  spec: {},
  status: {
    currentMetrics: status === 'True' ? [{ type: 'Resource' }] : null,
    conditions: [{ type: 'ScalingActive', status, message: 'unable to get metrics for resource cpu' }],
  },
});
const ingress = {
  kind: 'Ingress',
  metadata: { name: 'api' },
  spec: {},
  status: { loadBalancer: { ingress: [{ hostname: '127.0.0.1' }] } },
};
const sound = [
  ...['api', 'worker', 'data-platform'].map((name) => deployment(name)),
  autoscaler('True'),
  ingress,
];

interface Account {
  /** Status of each stack. */
  readonly stacks: Readonly<Record<string, string>>;
  readonly items: readonly object[];
  /** Names of metrics without data. */
  readonly silent: readonly string[];
}

const account: Account = {
  stacks: Object.fromEntries(clusterStackNames.map((name) => [name, 'UPDATE_COMPLETE'])),
  items: sound,
  silent: [],
};

const alarms = [...reportingAlarms, 'drift'].map((name) => ({
  AlarmName: `rowlock-${STAGE}-${name}`,
  StateValue: 'OK',
  AlarmActions: [topic],
  Namespace: 'Any',
  MetricName: `metric-of-${name}`,
  Dimensions: [],
  Period: 60,
  Statistic: 'Maximum',
}));

const stacksXml = (stacks: Account['stacks']) =>
  Object.entries(stacks)
    .map(
      ([name, status]) =>
        `<member><StackName>Rowlock-${STAGE}-${name}</StackName><StackStatus>${status}</StackStatus>` +
        '<CreationTime>2026-11-30T00:00:00Z</CreationTime></member>',
    )
    .join('');

/** Calls the real script, with stand-ins for AWS and for kubectl. */
async function smoke(change: Partial<Account> = {}, kubectlContext = context) {
  const { stacks, items, silent } = { ...account, ...change };
  const told: { Timestamp: number; HistorySummary: string }[] = [];
  const answer = ({ action, input }: AwsCall): AwsAnswer => {
    if (action === 'DescribeStacks')
      return {
        xml:
          '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">' +
          `<DescribeStacksResult><Stacks>${stacksXml(stacks)}</Stacks></DescribeStacksResult>` +
          '</DescribeStacksResponse>',
      };
    if (action === 'DescribeAlarms') return { json: { MetricAlarms: alarms, CompositeAlarms: [] } };
    if (action === 'GetMetricData') {
      const isSilent = silent.some((name) => JSON.stringify(input).includes(`metric-of-${name}"`));
      return { json: { MetricDataResults: [{ Id: 'metric', Values: isSilent ? [] : [1] }] } };
    }
    if (action === 'DescribeAlarmHistory') return { json: { AlarmHistoryItems: told.toReversed() } };
    if (input['StateValue'] === 'ALARM')
      told.push({ Timestamp: 1_700_000_000 + told.length, HistorySummary: `Successfully executed ${topic}` });
    return { json: {} };
  };
  const { url } = await awsCalls(answer);
  const folder = mkdtempSync(join(tmpdir(), 'rowlock-kubectl-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'list.json'), JSON.stringify({ items }));
  writeFileSync(
    join(folder, 'kubectl'),
    `#!/bin/sh\nif [ "$1" = config ]; then echo '${kubectlContext}'\nelse cat '${folder}/list.json'; fi\n`,
  );
  chmodSync(join(folder, 'kubectl'), 0o755);
  const child = spawn(process.execPath, [join(top, 'scripts/smoke/index.ts'), '--stage', STAGE], {
    env: {
      PATH: [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      HOME: process.env['HOME'],
      AWS_REGION: 'ap-northeast-2',
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

describe('npm run smoke in the cluster', () => {
  it('walks stacks, pods, autoscaler, balancer and metrics, and then rings an alarm', async () => {
    const { code, output } = await smoke();
    expect(code, output).to.equal(0);
    for (const line of [
      '9 stacks are complete',
      'data-platform: 2 of 2 pods are available',
      'the autoscaler of api gets metrics',
      'the balancer 127.0.0.1 accepts no connection from here',
      'pods, nodes, brokers, Valkey and the app report',
      `alarm rowlock-${STAGE}-`,
      'everything is connected',
    ])
      expect(output).to.contain(line);
  });

  const faults: readonly [string, Parameters<typeof smoke>, string][] = [
    [
      'a stack is not complete',
      [{ stacks: { ...account.stacks, Workloads: 'UPDATE_ROLLBACK_COMPLETE' } }],
      'stack Rowlock-minimal-cluster-Workloads is UPDATE_ROLLBACK_COMPLETE',
    ],
    ['kubectl is connected to another cluster', [{}, 'kind-test'], 'aws eks update-kubeconfig --name'],
    [
      'a pod is missing',
      [{ items: [deployment('api', 1), ...sound.slice(1)] }],
      'api: 1 of 2 pods are available, 2 of this release',
    ],
    [
      'the autoscaler has no metrics',
      [{ items: [...sound.slice(0, 3), autoscaler('False'), ingress] }],
      'the autoscaler of api has no metrics: unable to get metrics for resource cpu',
    ],
    [
      'Container Insights or MSK reports nothing',
      [{ silent: ['too-few-pods', 'order-events-wait'] }],
      'no data in the last half hour for: too-few-pods (Any metric-of-too-few-pods), order-events-wait',
    ],
  ];
  for (const [what, args, reason] of faults)
    it(`fails if ${what}`, async () => {
      const { code, output } = await smoke(...args);
      expect(code).to.equal(1);
      expect(output).to.contain(reason);
    });

  it('fails if the balancer answers past CloudFront', async () => {
    const balancer = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    onCleanup(() => void balancer.close());
    await once(balancer, 'listening');
    const { port } = balancer.address() as AddressInfo;
    const kubectl = async (command: string) =>
      command === 'config' ? context : JSON.stringify({ items: sound });
    const failure = await lookAtKubernetes({
      kubectl,
      stage: STAGE,
      log: () => undefined,
      ports: [port],
    }).catch((error: Error) => error.message);
    expect(failure).to.equal(
      `the balancer accepts connections from here (127.0.0.1:${port}), past CloudFront`,
    );
  });

  for (const stage of stageNames)
    it(`looks at stacks and alarms that the cluster of ${stage} has`, async () => {
      const cluster = await synthesisedCluster(stage);
      const stacks = new Set(cluster.resources.map((resource) => resource.stack));
      expect([...stacks]).to.include.members([...clusterStackNames]);
      const prefix = `rowlock-${stage}-cluster-`;
      const names = cluster
        .ofType('AWS::CloudWatch::Alarm')
        .map(({ Properties }) => String(Properties['AlarmName']).replace(prefix, ''));
      for (const name of reportingAlarms)
        expect(
          names.some((found) => found === name || found.startsWith(`${name}-`)),
          name,
        ).to.equal(true);
    });
});
