import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { databaseProblem } from '../../app/platform/server-requirements.ts';
import { startAwsEndpoint } from '../../localstack/aws/start-aws-endpoint.ts';
import { isDockerAnswering } from '../../localstack/processes/compose-service.ts';
import { startKafkaServer } from '../../localstack/kafka/start-kafka-server.ts';
import { type MysqlServer, startMysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { type RedisServer, startRedisServer } from '../../localstack/redis/start-redis-server.ts';
import type { ServerProgram } from '../../localstack/programs/server-program.ts';
import { serverFromDebian } from '../../localstack/programs/server-from-debian.ts';
import type { TestOptions } from './parse-test-options.ts';

export interface TestServersOptions {
  readonly workDir: string;
  readonly cacheDir: string;
  readonly options: TestOptions;
  readonly log: (line: string) => void;
}

export interface TestServers {
  /**
   * Environment of a suite on the chosen MySQL or Debian's, on the chosen S3 and SQS or LocalStack's, and
   * with Kafka where its events need it. Starts each server once per run, when it is first needed. If a
   * server is unavailable, returns the reason and whether the run must fail.
   */
  environment(wanted: {
    mysql: 'chosen' | 'debian';
    aws: 'chosen' | 'localstack';
    events: 'sqs' | 'kafka';
  }): Promise<
    | { readonly env: Readonly<Record<string, string>> }
    | { readonly unavailable: string; readonly isBroken: boolean }
  >;
  /** Engine, version and origin of each started server. */
  descriptions(): string[];
  stop(): Promise<void>;
}

/** Same as the app's default. */
const AWS_REGION = 'ap-northeast-2';

interface Started {
  readonly url: string;
  readonly description: string;
  /** Further variables for the suite. */
  readonly env?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A server that this machine cannot provide, as opposed to one that is broken. */
class Unobtainable extends Error {
  override readonly name = 'Unobtainable';
}

export function testServers(settings: TestServersOptions): TestServers {
  const { options } = settings;
  const starting = new Map<string, Promise<Started>>();
  const running: Started[] = [];
  const once = (name: string, start: () => Promise<Started>) => {
    const known = starting.get(name);
    if (known !== undefined) return known;
    const promise = start().then((server) => {
      running.push(server);
      settings.log(server.description);
      return server;
    });
    starting.set(name, promise);
    return promise;
  };

  return {
    async environment(wanted) {
      const which = wanted.mysql === 'debian' ? 'debian' : options.mysql;
      const awsKind = wanted.aws === 'localstack' ? 'localstack' : options.aws;
      try {
        const [database, redis, aws, kafka] = await Promise.all([
          once(`mysql ${JSON.stringify(which)}`, () => startMysql(which, settings)),
          once('redis', () => startRedis(settings)),
          once(`aws ${awsKind}`, () => startAws(awsKind, settings)),
          wanted.events === 'kafka' ? once('kafka', () => startKafka(settings)) : undefined,
        ]);
        const env = {
          TEST_MYSQL_URL: database.url,
          TEST_REDIS_URL: redis.url,
          TEST_AWS_ENDPOINT_URL: aws.url,
          TEST_AWS_KIND: awsKind,
          ...database.env,
          ...redis.env,
          ...aws.env,
          ...kafka?.env,
        };
        return { env };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        // Optional: the second run on MySQL, and the suites of LocalStack and Kafka.
        const isExtra =
          wanted.mysql === 'debian' ||
          (wanted.aws === 'localstack' && options.alsoLocalstack) ||
          (wanted.events === 'kafka' && options.alsoKafka);
        return { unavailable: reason, isBroken: !(error instanceof Unobtainable && isExtra) };
      }
    },
    descriptions: () => running.map(({ description }) => description),
    async stop() {
      await Promise.allSettled(starting.values());
      await Promise.all(running.map((server) => server.stop()));
    },
  };
}

async function startMysql(
  which: TestOptions['mysql'],
  { workDir, cacheDir, log }: TestServersOptions,
): Promise<Started> {
  if (typeof which === 'object') return useMysql(which.url);
  const program = which === 'debian' ? await debianProgram('mysql', { cacheDir, log }) : undefined;
  const server = await startMysqlServer({
    dataDir: join(workDir, which === 'debian' ? 'mysql-debian' : 'mysql'),
    cacheDir,
    log,
    durable: false,
    ...(program === undefined ? {} : { program }),
  });
  return started(server, server.url(), { ROWLOCK_MYSQLD: program?.command[0] });
}

/** Uses the caller's server: creates databases in it but never stops it. */
async function useMysql(url: string): Promise<Started> {
  const connection = await createConnection({ uri: url, connectTimeout: 5000 });
  try {
    const [rows] = await connection.query<never>({ sql: 'SELECT VERSION() AS version', timeout: 5000 });
    const { version } = rows[0] as { version: string };
    const problem = databaseProblem(version);
    if (problem !== undefined) throw new Error(`--mysql=${new URL(url).host} cannot be used: ${problem}.`);
    const engine = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
    return { url, description: `${engine} ${version} (--mysql)`, stop: async () => undefined };
  } finally {
    connection.destroy();
  }
}

async function startRedis({ workDir, cacheDir, options, log }: TestServersOptions): Promise<Started> {
  const program = options.redis === 'valkey' ? await debianProgram('valkey', { cacheDir, log }) : undefined;
  const server = await startRedisServer({
    dataDir: join(workDir, 'redis'),
    cacheDir,
    log,
    durable: false,
    ...(program === undefined ? {} : { program }),
  });
  return started(server, server.url, { ROWLOCK_REDIS_SERVER: program?.command[0] });
}

async function debianProgram(
  kind: Parameters<typeof serverFromDebian>[0],
  { cacheDir, log }: Pick<TestServersOptions, 'cacheDir' | 'log'>,
): Promise<ServerProgram> {
  const program = await serverFromDebian(kind, cacheDir, log);
  if ('unobtainable' in program) throw new Unobtainable(program.unobtainable);
  return program;
}

/** `programs`: variables with which tests that start a server of their own start the same program. */
function started(
  server: MysqlServer | RedisServer,
  url: string,
  programs: Readonly<Record<string, string | undefined>>,
): Started {
  const description = `${server.engine} ${server.version} (${server.origin})`;
  const given = Object.entries(programs).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { url, description, env: Object.fromEntries(given), stop: () => server.stop() };
}

async function startAws(
  kind: TestOptions['aws'],
  { workDir, cacheDir, log }: TestServersOptions,
): Promise<Started> {
  const mode = kind === 'embedded' ? 'embedded' : await localstackMode();
  const server = await startAwsEndpoint({
    mode,
    dataDir: join(workDir, `aws-${kind}`),
    cacheDir,
    region: AWS_REGION,
    log,
    isThrowaway: true,
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw reason.startsWith('LocalStack: not obtainable') ? new Unobtainable(reason) : error;
  });
  const description = `S3 and SQS: ${server.product} ${server.version}`;
  const env = server.pid === undefined ? undefined : { TEST_AWS_PID: String(server.pid) };
  return { url: server.endpoint, env, description, stop: () => server.stop() };
}

/** Uses the caller's brokers, in which it creates topics, or starts one. */
async function startKafka({ workDir, cacheDir, log }: TestServersOptions): Promise<Started> {
  const given = process.env.KAFKA_BROKERS || undefined;
  const env = (brokers: string) => ({ TEST_EVENTS: 'kafka', TEST_KAFKA_BROKERS: brokers });
  if (given !== undefined) {
    const description = `Kafka at ${given} (KAFKA_BROKERS is set)`;
    return { url: given, description, env: env(given), stop: async () => undefined };
  }
  const dataDir = join(workDir, 'kafka');
  const server = await startKafkaServer({ dataDir, cacheDir, log, isThrowaway: true }).catch(
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Unobtainable(`Kafka: ${reason.replaceAll('\n', ' ')}`);
    },
  );
  const description = `Kafka ${server.version} (${server.origin})`;
  return { url: server.brokers, description, env: env(server.brokers), stop: () => server.stop() };
}

/** Docker if an engine responds, else a Python virtual environment. */
async function localstackMode(): Promise<'localstack-compose' | 'localstack-host'> {
  return (await isDockerAnswering()) ? 'localstack-compose' : 'localstack-host';
}
