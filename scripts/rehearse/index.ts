/** `npm run rehearse`: rolls a release out and back under load on this machine. See usage. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { emulatorEnvironment, provision } from '../../localstack/aws/provision.ts';
import { startAwsEndpoint } from '../../localstack/aws/start-aws-endpoint.ts';
import { auditLines } from '../../app/audit/audit-lines.ts';
import { openClusterFleet } from './cluster-fleet.ts';
import { clusterManifests } from './cluster-manifests.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import { openInstanceFleet } from './instance-fleet.ts';
import { rehearseRelease } from './rehearse-release.ts';
import { inFormat1, layOutRelease, readsFormat2 } from './release.ts';
import { clusterSettings } from '../../lib/settings/cluster-settings.ts';
import { findKubernetesPrograms } from '../../localstack/kubernetes/kubernetes-programs.ts';
import { startMysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { startRedisServer } from '../../localstack/redis/start-redis-server.ts';
import { runCommand, UsageError } from '../run-command.ts';
import { elapsedS, progress } from '../shop/progress.ts';
import { shopPaths } from '../shop/shop-paths.ts';

const usage = `usage: npm run rehearse [-- --shape=cluster] [-- --from=COMMIT] [-- --shoppers=N]

Rolls two instances behind a small balancer from release N to N+1 and back, on its own servers, while
customers shop. Exits with 0 if no request failed, every process stopped cleanly and everything adds up.

  --shape=cluster rolls the manifests of the minimal cluster on a real Kubernetes control plane instead,
                  with pods as processes of this machine; needs npm run control-plane once
  --from=COMMIT   N is that commit and N+1 is this tree. Default: N is this tree, and N+1 adds a migration
                  with one column of the orders table. If N cannot read event format 2, N+1 sends format 1
                  until no process of N runs, and again before N returns
  --shoppers=N    concurrent customers (default 24)
`;

const SHOPPERS_MAX = 500;
await runCommand('rehearse', async () => {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: 'instances' },
      from: { type: 'string' },
      shoppers: { type: 'string', default: '24' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const shoppers = Number(values.shoppers);
  const { shape } = values;
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!Number.isInteger(shoppers) || shoppers < 1 || shoppers > SHOPPERS_MAX) {
    throw new UsageError(`--shoppers must be a number from 1 to ${SHOPPERS_MAX}`);
  }
  if (shape !== 'instances' && shape !== 'cluster') {
    throw new UsageError(`--shape must be instances or cluster, not "${shape}"`);
  }
  return rehearse({ from: values.from, shape, shoppers });
});

interface RehearsalOptions {
  readonly from: string | undefined;
  readonly shape: 'instances' | 'cluster';
  readonly shoppers: number;
}

async function rehearse({ from, shape, shoppers }: RehearsalOptions): Promise<number> {
  const dir = join(shopPaths.local, 'rehearsal');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const top = shopPaths.root;
  const before = await layOutRelease({ name: 'N', top, dir: join(dir, 'n'), ref: from });
  const after = await layOutRelease({
    name: 'N+1',
    top,
    dir: join(dir, 'n-plus-1'),
    expands: from === undefined,
  });
  const added = after.migrations.filter((file) => !before.migrations.includes(file));
  const isFirstOfFormat2 = !readsFormat2(before);
  progress(`N is ${from ?? 'this tree'}; N+1 adds ${added.join(', ') || 'no migration'}`);
  const servers = await startServers(dir);
  try {
    const report = await rehearseRelease({
      releases: isFirstOfFormat2
        ? [before, inFormat1(after), after, inFormat1(after), before]
        : [before, after, before],
      env: servers.env,
      dir: join(dir, 'logs'),
      shoppers,
      pauseMs: 100,
      healthEveryMs: 1000,
      requestsBetween: 1000,
      log: progress,
      openFleet: shape === 'cluster' ? clusterFleet(dir) : async (options) => openInstanceFleet(options),
    });
    const { load, served, audit, unreadable } = report;
    const ms = (value: number) => `${Math.round(value)} ms`;
    const lines = [
      '',
      served.map(({ release }) => release).join(' → '),
      `  with two ${shape === 'cluster' ? 'pods of each workload' : 'instances'}, ${elapsedS()} s, ` +
        `on ${servers.description}`,
      ...served.map(({ release, requests }) => `  ${release.padEnd(15)} served ${requests} requests`),
      `  ${load.requests} requests of ${shoppers} customers, ${load.orders} orders: ` +
        `${load.failures.length} failed`,
      `  answered in ${ms(load.p50Ms)} (median), ${ms(load.p99Ms)} (p99), ${ms(load.maxMs)} (slowest)`,
      ...load.failures.map((failure) => `  FAILED ${failure}`),
      ...(unreadable === 0 ? [] : [`  FAILED ${unreadable} events could not be read by a consumer`]),
      '',
      ...auditLines(audit),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return load.failures.length === 0 && unreadable === 0 && audit.isClean ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

/** Throws when the control plane was not built on this machine. */
function clusterFleet(dir: string): (options: FleetOptions) => Promise<Fleet> {
  const programs = findKubernetesPrograms(shopPaths.cache);
  if ('unobtainable' in programs) throw new Error(`this needs ${programs.unobtainable}`);
  return async (options) => {
    const objects = await clusterManifests(clusterSettings('minimal'), join(dir, 'manifests'));
    return openClusterFleet({ ...options, programs, objects });
  };
}

async function startServers(dir: string) {
  const { cache: cacheDir } = shopPaths;
  const region = 'ap-northeast-2';
  const [mysql, redis, aws] = await Promise.all([
    startMysqlServer({ dataDir: join(dir, 'mysql'), cacheDir, log: progress }),
    startRedisServer({ dataDir: join(dir, 'redis'), cacheDir, log: progress }),
    startAwsEndpoint({ mode: 'embedded', dataDir: join(dir, 'aws'), cacheDir, region, log: progress }),
  ]);
  const provisioned = await provision({
    endpoint: aws.endpoint,
    region,
    hasBucketConfiguration: aws.hasBucketConfiguration,
  });
  return {
    description:
      `${mysql.engine} ${mysql.version}, ${redis.engine} ${redis.version}, ` +
      `${aws.product} ${aws.version}`,
    env: {
      STAGE: 'rehearsal',
      COOKIE_SECURE: 'false',
      DATABASE_URL: await mysql.createDatabase('rowlock'),
      REDIS_STATE_URL: `${redis.url}/0`,
      REDIS_CACHE_URL: `${redis.url}/1`,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: aws.endpoint,
      ...emulatorEnvironment,
      ORDER_EVENTS_QUEUE_URL: provisioned.queueUrl,
      IMAGES_BUCKET: provisioned.bucket,
      IMAGES_BASE_URL: provisioned.imagesBaseUrl,
      // Cheap password hashes: the cost of hashing must not delay the shoppers.
      PASSWORD_HASHING: 'argon2id:m=1024,t=1',
    },
    stop: async () => {
      await Promise.allSettled([mysql.stop(), redis.stop(), aws.stop()]);
    },
  };
}
