import { emulatorCredentials } from '../../localstack/provision.ts';
import { type AppProcess, type AppProcessOptions, endQuickly, type Role, startApp } from './app-process.ts';
import { createTestAws, type TestAws } from './aws.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type HttpClient, httpClient } from './http-client.ts';
import { createTestRedis, type TestRedis } from './redis.ts';

export interface TestShop {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly aws: TestAws;
  /** The app's whole configuration for these. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a process with these roles; it is killed after the test, or after the run when started in `before`. */
  start(roles: readonly Role[], options?: Omit<Partial<AppProcessOptions>, 'roles'>): Promise<AppProcess>;
  /** A client of the process, as nobody. */
  client(app: AppProcess): HttpClient;
}

/**
 * Database, Redis, queue and bucket of their own for the tests of one `describe`, made before the first and
 * removed after the last. Read the fields inside tests and hooks only.
 *
 *   const shop = useTestShop();
 *   it('…', async () => {
 *     const app = await shop.start(['api', 'worker', 'data-platform']);
 *     const customer = await shop.client(app).newCustomer(10_000);
 */
export function useTestShop(): TestShop {
  let made: Omit<TestShop, 'start' | 'client'> | undefined;
  const shop = () => {
    if (made === undefined) throw new Error('the shop is there inside tests and hooks only');
    return made;
  };
  const processes: AppProcess[] = [];

  before('open the shop', async () => {
    const [database, redis, aws] = await Promise.all([
      createTestDatabase(),
      createTestRedis(),
      createTestAws(),
    ]);
    made = { database, redis, aws, env: appEnvironment(database, redis, aws) };
  });

  after('close the shop', async () => {
    // First the processes, which would otherwise complain about the rest.
    await Promise.all(processes.map((app) => endQuickly(app)));
    if (made === undefined) return;
    await Promise.all([made.database.drop(), made.redis.release(), made.aws.remove()]);
  });

  return {
    get database() {
      return shop().database;
    },
    get redis() {
      return shop().redis;
    },
    get aws() {
      return shop().aws;
    },
    get env() {
      return shop().env;
    },
    async start(roles, options = {}) {
      const app = await startApp({ ...options, roles, env: { ...shop().env, ...options.env } });
      processes.push(app);
      return app;
    },
    client: (app) => httpClient(app.url),
  };
}

function appEnvironment(database: TestDatabase, redis: TestRedis, aws: TestAws): Record<string, string> {
  return {
    STAGE: 'test',
    HTTP_PORT: '0',
    COOKIE_SECURE: 'false',
    DRAIN_TIMEOUT_MS: '5000',
    DATABASE_URL: database.url,
    REDIS_STATE_URL: redis.url,
    REDIS_CACHE_URL: redis.url,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.endpointUrl,
    AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
    ORDER_EVENTS_QUEUE_URL: aws.queueUrl,
    IMAGES_BUCKET: aws.bucket,
    IMAGES_BASE_URL: aws.imagesBaseUrl,
    // The lowest that the app takes: 5 ms instead of 0.4 s a login.
    PASSWORD_COST_LOG2: '12',
    // A worker that writes by itself would disturb tests which compare all tables.
    AUDIT_EVERY_MS: '0',
    METRICS_EVERY_MS: '0',
    // All requests of all tests come from one address, and many of one user.
    RATE_LIMIT_USER: 'off',
    RATE_LIMIT_ADDRESS: 'off',
    RATE_LIMIT_AUTH: 'off',
    RATE_LIMIT_GUEST_CARTS: 'off',
    RATE_LIMIT_STATUS: 'off',
    LOGIN_FAILURES_PAIR: 'off',
    LOGIN_FAILURES_ADDRESS: 'off',
    LOGIN_FAILURES_ACCOUNT: 'off',
  };
}
