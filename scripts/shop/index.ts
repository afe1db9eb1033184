/** `./scripts/up`: starts the whole shop, prints its address and stops it on Ctrl-C. See upUsage. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';
import { migrate } from '../../app/migrations/migrate.ts';
import { kafkaReason } from '../../app/platform/kafka/kafka-reason.ts';
import { provisionTopics, type TopicNames } from '../../localstack/kafka/provision-topics.ts';
import { provision } from '../../localstack/aws/provision.ts';
import { provisionByCdk } from '../../localstack/aws/provision-by-cdk.ts';
import { demoAccounts } from '../seed/demo-accounts.ts';
import { freePort, isPortFree } from '../../localstack/processes/free-port.ts';
import { reasonOf } from '../../localstack/processes/reason-of.ts';
import { exitCodeOf } from '../run-command.ts';
import { buildPages } from '../pages/build-pages.ts';
import { checkGivenServers } from './check-given-servers.ts';
import { parseUpOptions, upUsage, type UpOptions } from './parse-up-options.ts';
import { printSummary } from './print-summary.ts';
import { progress } from './progress.ts';
import { resetShop } from './reset-shop.ts';
import { restartRolesOnChange } from './restart-roles.ts';
import { runAppCommand } from './run-app-command.ts';
import { serveDemoSales } from './serve-demo-sales.ts';
import { shopEnvironment, writeEnvironmentFile } from './shop-environment.ts';
import { shopLock, type ShopLock } from './shop-lock.ts';
import { shopPaths } from './shop-paths.ts';
import { startedThings } from './started-things.ts';
import { startRoles, stopLeftoverRoles } from './start-roles.ts';
import { startShopServers } from './start-shop-servers.ts';

const started = startedThings();
let lock: ShopLock | undefined;
let exitCode = 0;

// A closed terminal must not interrupt an orderly stop.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (started.isStopping()) console.log('still stopping: the API is finishing its open requests');
    void stop();
  });

try {
  await up(parseUpOptions(process.argv.slice(2), process.env));
} catch (error) {
  if (!started.isStopping()) await fail(sentenceOf(error), exitCodeOf(error));
}

async function up(options: UpOptions): Promise<void> {
  if (options.help) return void process.stdout.write(upUsage);
  const taken = await shopLock(shopPaths.lock, import.meta.filename);
  if ('pid' in taken) return sayRunning(taken.pid, taken.apiUrl, options);
  lock = taken;
  if (options.reset) await resetShop(progress);
  else await stopLeftoverRoles(progress);
  const host = process.env.HTTP_HOST || '127.0.0.1';
  if (options.port !== 0 && !(await isPortFree(options.port, host)))
    throw new Error(
      `Port ${options.port} is in use: choose another port with ./scripts/up --port N or HTTP_PORT=N.`,
    );

  await checkGivenServers(process.env);

  const region = process.env.AWS_REGION || 'ap-northeast-2';
  const servers = await startShopServers({
    environment: process.env,
    aws: options.aws,
    events: options.events,
    deploysStacks: options.provision === 'cdk',
    region,
    started,
    onUnexpectedEnd,
  });
  const { endpoint, hasBucketConfiguration } = servers.aws;
  const provisioned = await (options.provision === 'cdk'
    ? provisionByCdk({ endpoint, region, workDir: join(shopPaths.data, 'cdk') })
    : provision({ endpoint, region, hasBucketConfiguration }));
  progress(`queue ${provisioned.queueUrl}, bucket ${provisioned.bucket}`);
  const topics = servers.kafkaBrokers === undefined ? undefined : await makeTopics(servers.kafkaBrokers);
  const settings = shopEnvironment({
    servers,
    provisioned,
    topics,
    region,
    // A restarted API keeps its port.
    port: options.dev && options.port === 0 ? await freePort() : options.port,
    host,
  });
  const env = { ...process.env, ...settings };

  const applied = await migrate(servers.databaseUrl).catch((error: unknown) => {
    throw new Error(`The database migration failed: ${reasonOf(error)}`, { cause: error });
  });
  progress(applied.length === 0 ? 'database is up to date' : `database migrated in ${applied.length} steps`);
  await buildPages({ top: shopPaths.root, directory: shopPaths.pages });
  const [apiUrl] = await Promise.all([
    startRoles({ env, dev: options.dev, started, onUnexpectedEnd }),
    runAppCommand('seed', ['scripts/seed/index.ts'], env).then(progress),
  ]);
  progress('API, worker and data platform are up');
  await writeEnvironmentFile({ ...settings, HTTP_PORT: new URL(apiUrl).port });
  await lock.announce(apiUrl);
  await serveDemoSales({ redisUrl: servers.redisStateUrl, env: process.env, started });
  if (options.dev) restartOnChange(env);
  if (!started.isStopping())
    await printSummary({
      apiUrl,
      serverLines: servers.lines,
      accounts: Object.values(demoAccounts),
      dev: options.dev,
    });
}

async function makeTopics(brokers: string): Promise<TopicNames> {
  const topics = await provisionTopics({ brokers }).catch((error: unknown) => {
    const reason = kafkaReason(error, orderEventsTopic.name);
    throw new Error(`Kafka at ${brokers} cannot be used: ${reason}.`, { cause: error });
  });
  progress(`topics ${topics.topic} and ${topics.deadLetterTopic}`);
  return topics;
}

/** In development, a role that ends waits for the next change. */
function restartOnChange(env: NodeJS.ProcessEnv): void {
  const restarting = new AbortController();
  void started.add({ name: 'restarts', stopStep: 'api', stop: async () => restarting.abort() });
  const sayEnd = (name: string, reason: string) => {
    if (!started.isStopping()) progress(`${name} ended (${reason}); it starts again at the next change`);
  };
  void restartRolesOnChange({ env, dev: true, started, onUnexpectedEnd: sayEnd }, restarting.signal);
}

function sayRunning(pid: number, apiUrl: string | undefined, options: UpOptions): void {
  if (options.reset) {
    console.error(`The shop is running (pid ${pid}): stop it before you use --reset.`);
    process.exitCode = 1;
    return;
  }
  const where =
    apiUrl === undefined ? 'and still starting' : `at ${apiUrl} (${apiUrl}/docs, ${apiUrl}/status)`;
  console.log(`The shop is already running ${where}, started by pid ${pid}.`);
}

function onUnexpectedEnd(name: string, reason: string, logTail: string): void {
  if (started.isStopping()) return;
  void fail(`${name} ended unexpectedly (${reason}). The end of its log:\n${logTail}`);
}

async function fail(message: string, code = 1): Promise<void> {
  exitCode = code;
  console.error(message);
  await stop();
}

/** Stops what this process started, then exits. */
async function stop(): Promise<void> {
  await started.stopAll(progress);
  if (lock !== undefined) {
    await rm(shopPaths.environment, { force: true });
    await lock.release();
  }
  process.exit(exitCode);
}

function sentenceOf(error: unknown): string {
  const message = reasonOf(error);
  if (/ENOSPC|no space left/i.test(message))
    return `The disk of ${shopPaths.local} is full: free some space and run the command again.`;
  return message;
}
