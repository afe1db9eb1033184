/**
 * `npm run smoke`: sends one order, one image and one alarm through everything a deployment connects. See
 * usage.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { demoAccounts } from '../seed/demo-accounts.ts';
import { progress } from '../shop/progress.ts';
import { runCommand } from '../run-command.ts';
import { ringAlarms } from './ring-alarms.ts';
import { smokeCluster } from './smoke-cluster.ts';
import { shopApi } from './shop-api.ts';
import { smokeShop } from './smoke-shop.ts';

const usage = `usage: npm run smoke -- --url URL [--key KEY] [--stage STAGE]
       npm run smoke -- --stage STAGE

Drives the shop at URL: order → queue → statistics → popular list, and image → bucket → worker → variant. Then
reverts its changes. With --stage, sets one alarm per topic of the stage to ALARM, waits until CloudWatch
reports that it notified the topic, and resets the alarm: subscribers get two messages. For a cluster it first
looks at stacks, pods, autoscaler, balancer and metrics. Exits with 0 if every step succeeded.

  --url URL      ShopUrl or ApiUrl of the Edge stack, or the address that ./scripts/up prints
  --key KEY      the API key that the gateway requires at ApiUrl
  --stage STAGE  minimal, production, minimal-cluster or production-cluster, in the account and region of the
                 AWS environment

Environment: SMOKE_ADMIN_EMAIL and SMOKE_ADMIN_PASSWORD, an admin of that shop (default on this machine: the
demo admin). --stage needs cloudwatch:DescribeAlarms, DescribeAlarmHistory and SetAlarmState; for a cluster
also GetMetricData, cloudformation:DescribeStacks and a kubectl that reaches the cluster (docs/runbook.md).
`;
const AWS_TIMEOUT_MS = 10_000;
const KUBECTL_TIMEOUT_MS = 30_000;
const aws = { requestHandler: { requestTimeout: AWS_TIMEOUT_MS, throwOnRequestTimeout: true } };

await runCommand('smoke', main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      key: { type: 'string' },
      stage: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { url, key, stage } = values;
  if (url === undefined && stage === undefined) throw new Error('--url or --stage is missing; see --help');
  if (url !== undefined) {
    if (!URL.canParse(url)) throw new Error('--url must be the URL of a shop');
    const api = shopApi(url.replace(/\/$/, ''), key);
    await smokeShop({ api, admin: adminOf(new URL(url)), log: progress });
  }
  if (stage?.endsWith('-cluster') === true) await testCluster(stage);
  if (stage !== undefined) await testAlarms(stage);
  progress('everything is connected');
  return 0;
}

async function testCluster(stage: string): Promise<void> {
  const cloudFormation = new CloudFormationClient(aws);
  const cloudWatch = new CloudWatchClient(aws);
  try {
    const clients = { cloudFormation, cloudWatch, kubectl };
    await smokeCluster({ ...clients, stage, nowMs: Date.now(), log: progress });
  } finally {
    cloudFormation.destroy();
    cloudWatch.destroy();
  }
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('kubectl', [...args], {
    timeout: KUBECTL_TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error: NodeJS.ErrnoException & { stderr?: string }) => {
    const reason = error.code === 'ENOENT' ? 'it is not installed' : error.stderr?.trim() || error.message;
    throw new Error(`kubectl: ${reason}; docs/runbook.md says how to reach the cluster`, { cause: error });
  });
  return stdout;
}

async function testAlarms(stage: string): Promise<void> {
  const client = new CloudWatchClient(aws);
  try {
    await ringAlarms({ client, stage, log: progress });
  } finally {
    client.destroy();
  }
}

function adminOf({ hostname }: URL): { email: string; password: string } {
  const { SMOKE_ADMIN_EMAIL: email, SMOKE_ADMIN_PASSWORD: password } = process.env;
  if (email !== undefined && password !== undefined) return { email, password };
  // The demo passwords are public: only a shop on this machine has these accounts.
  if (hostname === '127.0.0.1' || hostname === 'localhost') {
    return { email: demoAccounts.admin.email, password: demoAccounts.admin.password };
  }
  throw new Error('set SMOKE_ADMIN_EMAIL and SMOKE_ADMIN_PASSWORD to an admin of this shop');
}
