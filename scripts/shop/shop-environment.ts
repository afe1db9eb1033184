import { writeFile } from 'node:fs/promises';
import { emulatorEnvironment, type Provisioned } from '../../localstack/aws/provision.ts';
import type { TopicNames } from '../../localstack/kafka/provision-topics.ts';
import { shopPaths } from './shop-paths.ts';
import type { ShopServers } from './start-shop-servers.ts';

export interface ShopEnvironmentOptions {
  readonly servers: ShopServers;
  readonly provisioned: Provisioned;
  /** Present where Kafka carries the events. */
  readonly topics: TopicNames | undefined;
  readonly region: string;
  readonly port: number;
  readonly host: string;
}

/** The app's settings for this shop; they override the environment that scripts/bootstrap.sh leaves. */
export function shopEnvironment(options: ShopEnvironmentOptions): Record<string, string> {
  const { servers, provisioned } = options;
  return {
    STAGE: 'local',
    HTTP_HOST: options.host,
    HTTP_PORT: `${options.port}`,
    // Browsers send no Secure cookie over plain HTTP on loopback.
    COOKIE_SECURE: 'false',
    DEMO_SALES: 'true',
    DATABASE_URL: servers.databaseUrl,
    REDIS_STATE_URL: servers.redisStateUrl,
    REDIS_CACHE_URL: servers.redisCacheUrl,
    AWS_REGION: options.region,
    AWS_ENDPOINT_URL: servers.aws.endpoint,
    ...emulatorEnvironment,
    ...eventsSettings(options),
    IMAGES_BUCKET: provisioned.bucket,
    IMAGES_BASE_URL: provisioned.imagesBaseUrl,
    PAGES_DIR: shopPaths.pages,
  };
}

function eventsSettings({ servers, provisioned, topics }: ShopEnvironmentOptions): Record<string, string> {
  if (servers.kafkaBrokers === undefined || topics === undefined)
    return { EVENTS: 'sqs', ORDER_EVENTS_QUEUE_URL: provisioned.queueUrl };
  return {
    EVENTS: 'kafka',
    KAFKA_BROKERS: servers.kafkaBrokers,
    KAFKA_TOPIC: topics.topic,
    KAFKA_DEAD_LETTER_TOPIC: topics.deadLetterTopic,
  };
}

/** Writes .local/env, for `set -a; . .local/env` in a shell or for `node --env-file=.local/env`. */
export async function writeEnvironmentFile(settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(shopPaths.environment, lines.join(''), { mode: 0o600 });
}
