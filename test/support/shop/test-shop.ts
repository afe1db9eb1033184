import { appEnvironment } from './app-environment.ts';
import { type AppProcess, type AppProcessOptions, endQuickly, type Role, startApp } from './app-process.ts';
import { createTestAws, type TestAws } from '../servers/aws.ts';
import { createTestDatabase, type TestDatabase } from '../servers/database.ts';
import { type HttpClient, httpClient } from './http-client.ts';
import { createTestRedis, type TestRedis } from '../servers/redis.ts';

export interface TestShop {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly aws: TestAws;
  /** The app's whole configuration for these servers. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Starts a process with these roles. It is killed after the test, or after the run when started in
   * `before`.
   */
  start(roles: readonly Role[], options?: Omit<Partial<AppProcessOptions>, 'roles'>): Promise<AppProcess>;
  /** A client of the process, without a session. */
  client(app: AppProcess): HttpClient;
}

/** A separate database, Redis, queue and bucket, until `close`. Inside a `describe` see useTestShop. */
export async function openTestShop(): Promise<TestShop & { close(): Promise<void> }> {
  const [database, redis, aws] = await Promise.all([
    createTestDatabase(),
    createTestRedis(),
    createTestAws(),
  ]);
  const env = appEnvironment(database, redis, aws);
  const processes: AppProcess[] = [];
  return {
    database,
    redis,
    aws,
    env,
    async start(roles, options = {}) {
      const app = await startApp({ ...options, roles, env: { ...env, ...options.env } });
      processes.push(app);
      return app;
    },
    client: (app) => httpClient(app.url),
    async close() {
      // Processes first: they would otherwise complain that the rest is gone.
      await Promise.all(processes.map((app) => endQuickly(app)));
      await Promise.all([database.drop(), redis.release(), aws.remove()]);
    },
  };
}

/**
 * A shop for the tests of one `describe`, opened before the first and closed after the last. Read the fields
 * inside tests and hooks only.
 *
 *   const shop = useTestShop();
 *   it('…', async () => {
 *     const app = await shop.start(['api', 'worker', 'data-platform']);
 *     const customer = await shop.client(app).newCustomer(10_000);
 */
export function useTestShop(): TestShop {
  let opened: Awaited<ReturnType<typeof openTestShop>> | undefined;
  const shop = () => {
    if (opened === undefined) throw new Error('the shop is there inside tests and hooks only');
    return opened;
  };

  before('open the shop', async () => {
    opened = await openTestShop();
  });

  after('close the shop', async () => {
    await opened?.close();
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
    start: (roles, options) => shop().start(roles, options),
    client: (app) => httpClient(app.url),
  };
}
