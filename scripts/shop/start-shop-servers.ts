import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AwsEndpoint } from '../../localstack/aws/aws-endpoint.ts';
import { startAwsEndpoint } from '../../localstack/aws/start-aws-endpoint.ts';
import { isDockerAnswering } from '../../localstack/processes/compose-service.ts';
import { reasonOf } from '../../localstack/processes/reason-of.ts';
import { startKafkaServer } from '../../localstack/kafka/start-kafka-server.ts';
import { startMysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { startRedisServer } from '../../localstack/redis/start-redis-server.ts';
import { progress } from './progress.ts';
import { shopPaths } from './shop-paths.ts';
import type { StartedThings } from './started-things.ts';

export interface ShopServersOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly aws: 'embedded' | 'localstack' | undefined;
  readonly events: 'sqs' | 'kafka';
  /** True when S3 and SQS need CloudFormation beside them. */
  readonly deploysStacks: boolean;
  readonly region: string;
  readonly started: StartedThings;
  /** Called when a server ends unexpectedly. */
  readonly onUnexpectedEnd: (name: string, reason: string, logTail: string) => void;
}

export interface ShopServers {
  readonly databaseUrl: string;
  readonly redisStateUrl: string;
  readonly redisCacheUrl: string;
  readonly aws: AwsEndpoint;
  /** Host and port of the brokers; undefined where SQS carries the events. */
  readonly kafkaBrokers: string | undefined;
  /** One line per server: product, version, address and reason for the choice. */
  readonly lines: readonly string[];
}

/** A running server that may end unexpectedly. */
interface Watched {
  readonly exited: Promise<string>;
  readonly logTail: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const DATABASE_NAME = 'rowlock';

/** Starts, in parallel, each of MySQL, Redis, S3 and SQS, and Kafka that the environment does not name. */
export async function startShopServers(options: ShopServersOptions): Promise<ShopServers> {
  const ports = await readPorts();
  const watch = async (name: string, server: Watched): Promise<void> => {
    await options.started.add({ name, stopStep: 'servers', stop: () => server.stop() });
    void server.exited.then(async (reason) => options.onUnexpectedEnd(name, reason, await server.logTail()));
  };
  const [database, redis, aws, kafka] = await Promise.all([
    startDatabase(options.environment, ports.mysql, watch),
    startRedis(options.environment, ports.redis, watch),
    startAws(options, ports.aws, watch),
    options.events === 'kafka' ? startKafka(options.environment, ports.kafka, watch) : undefined,
  ]);
  const awsPort = Number(new URL(aws.endpoint).port);
  await writePorts({
    mysql: database.port,
    redis: redis.port,
    aws: awsPort,
    kafka: kafka?.port ?? ports.kafka,
  });
  const awsLine = `S3, SQS  ${aws.product} ${aws.version} at ${aws.endpoint} (${aws.origin})`;
  const kafkaLines = kafka === undefined ? [] : [kafka.line];
  const lines = [database.line, ...redis.lines, awsLine, ...kafkaLines];
  return { ...database, ...redis, aws, kafkaBrokers: kafka?.brokers, lines };
}

type Watch = (name: string, server: Watched) => Promise<void>;

async function startDatabase(
  environment: NodeJS.ProcessEnv,
  preferredPort: number | undefined,
  watch: Watch,
): Promise<{ databaseUrl: string; port?: number; line: string }> {
  const given = environment.DATABASE_URL;
  if (given !== undefined && given !== '')
    return { databaseUrl: given, line: `MySQL    at ${addressOf(given)} (DATABASE_URL is set)` };
  const server = await startMysqlServer({
    dataDir: join(shopPaths.data, 'mysql'),
    cacheDir: shopPaths.cache,
    preferredPort,
    log: progress,
  });
  await watch(server.engine, server);
  const line = `MySQL    ${server.engine} ${server.version} on port ${server.port} (${server.origin})`;
  progress(line);
  return { databaseUrl: await server.createDatabase(DATABASE_NAME), port: server.port, line };
}

async function startRedis(
  environment: NodeJS.ProcessEnv,
  preferredPort: number | undefined,
  watch: Watch,
): Promise<{ redisStateUrl: string; redisCacheUrl: string; port?: number; lines: readonly string[] }> {
  const { REDIS_STATE_URL: state = '', REDIS_CACHE_URL: cache = '' } = environment;
  const lines = [
    ...(state === '' ? [] : [`Redis    at ${addressOf(state)} for the state (REDIS_STATE_URL is set)`]),
    ...(cache === '' ? [] : [`Redis    at ${addressOf(cache)} for the cache (REDIS_CACHE_URL is set)`]),
  ];
  if (state !== '' && cache !== '') return { redisStateUrl: state, redisCacheUrl: cache, lines };
  const server = await startRedisServer({
    dataDir: join(shopPaths.data, 'redis'),
    cacheDir: shopPaths.cache,
    preferredPort,
    log: progress,
  });
  await watch(server.engine, server);
  // State and cache never share a logical database: the cache may be flushed at any time.
  const role = state !== '' ? ' for the cache' : cache !== '' ? ' for the state' : '';
  const line = `Redis    ${server.engine} ${server.version} on port ${server.port}${role} (${server.origin})`;
  progress(line);
  return {
    redisStateUrl: state === '' ? `${server.url}/0` : state,
    redisCacheUrl: cache === '' ? `${server.url}/1` : cache,
    port: server.port,
    lines: [...lines, line],
  };
}

async function startAws(
  options: ShopServersOptions,
  preferredPort: number | undefined,
  watch: Watch,
): Promise<AwsEndpoint> {
  const start = async (mode: AwsEndpoint['kind'], url?: string): Promise<AwsEndpoint> => {
    const endpoint = await startAwsEndpoint({
      mode,
      ...(url === undefined ? {} : { url }),
      dataDir: join(shopPaths.data, 'aws'),
      cacheDir: shopPaths.cache,
      region: options.region,
      preferredPort,
      deploysStacks: options.deploysStacks,
      log: progress,
    });
    if (mode !== 'url') await watch(endpoint.product, endpoint);
    progress(`S3, SQS  ${endpoint.product} ${endpoint.version} at ${endpoint.endpoint} (${endpoint.origin})`);
    return endpoint;
  };
  const given = options.environment.AWS_ENDPOINT_URL;
  if (given !== undefined && given !== '') return start('url', given);
  if (options.aws === 'embedded') return start('embedded');
  if (await isDockerAnswering()) {
    try {
      return await start('localstack-compose');
    } catch (error) {
      progress(`LocalStack with Docker Compose did not start: ${reasonOf(error)}`);
    }
  }
  return start(options.aws === 'localstack' ? 'localstack-host' : 'embedded');
}

async function startKafka(
  environment: NodeJS.ProcessEnv,
  preferredPort: number | undefined,
  watch: Watch,
): Promise<{ brokers: string; port?: number; line: string }> {
  const given = environment.KAFKA_BROKERS;
  if (given !== undefined && given !== '')
    return { brokers: given, line: `Kafka    at ${given} (KAFKA_BROKERS is set)` };
  const server = await startKafkaServer({
    dataDir: join(shopPaths.data, 'kafka'),
    cacheDir: shopPaths.cache,
    preferredPort,
    log: progress,
  });
  await watch('Kafka', server);
  const line = `Kafka    Apache Kafka ${server.version} on port ${server.port} (${server.origin})`;
  progress(line);
  return { brokers: server.brokers, port: server.port, line };
}

/** Host and port of a URL, without its password. */
function addressOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is no URL';
}

interface Ports {
  readonly mysql?: number | undefined;
  readonly redis?: number | undefined;
  readonly aws?: number | undefined;
  readonly kafka?: number | undefined;
}

async function readPorts(): Promise<Ports> {
  const content = await readFile(shopPaths.ports, 'utf8').catch(() => '');
  const portOf = (name: string): number | undefined => {
    const port = Number(new RegExp(`"${name}":(\\d+)`).exec(content)?.[1]);
    return port > 0 && port < 65_536 ? port : undefined;
  };
  return { mysql: portOf('mysql'), redis: portOf('redis'), aws: portOf('aws'), kafka: portOf('kafka') };
}

async function writePorts(ports: Ports): Promise<void> {
  await mkdir(dirname(shopPaths.ports), { recursive: true });
  await writeFile(shopPaths.ports, JSON.stringify(ports));
}
