import { appEnvironment } from './app-environment.ts';
import { type AppProcess, type AppProcessOptions, endQuickly, type Role, startApp } from './app-process.ts';
import { createTestAws, type TestAws } from '../servers/aws.ts';
import { createTestEvents, type TestEvents } from '../servers/test-events.ts';
import { createTestDatabase, type TestDatabase } from '../servers/database.ts';
import { type HttpClient, httpClient } from './http-client.ts';
import { createTestRedis, type TestRedis } from '../servers/redis.ts';

export interface TestShop {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly aws: TestAws;
  readonly events: TestEvents;
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

export interface TestShopOptions {
  /** Transport of tests that require a certain one; the suite's own by default. */
  readonly events?: 'sqs' | 'kafka';
}

/** A separate database, Redis, queue and bucket, until `close`. Inside a `describe` see useTestShop. */
export async function openTestShop(
  options: TestShopOptions = {},
): Promise<TestShop & { close(): Promise<void> }> {
  const [database, redis, aws] = await Promise.all([
    createTestDatabase(),
    createTestRedis(),
    createTestAws(),
  ]);
  const events = await createTestEvents(aws, options.events);
  const env = appEnvironment(database, redis, aws, events.env);
  const processes: AppProcess[] = [];
  return {
    database,
    redis,
    aws,
    events,
    env,
    async start(roles, appOptions = {}) {
      const app = await startApp({ ...appOptions, roles, env: { ...env, ...appOptions.env } });
      processes.push(app);
      return app;
    },
    client: (app) => httpClient(app.url),
    async close() {
      // Processes first: they would otherwise complain that the rest is gone.
      await Promise.all(processes.map((app) => endQuickly(app)));
      await Promise.all([database.drop(), redis.release(), events.remove(), aws.remove()]);
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
export function useTestShop(options: TestShopOptions = {}): TestShop {
  let opened: Awaited<ReturnType<typeof openTestShop>> | undefined;
  const shop = () => {
    if (opened === undefined) throw new Error('the shop is there inside tests and hooks only');
    return opened;
  };

  before('open the shop', async () => {
    opened = await openTestShop(options);
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
    get events() {
      return shop().events;
    },
    get env() {
      return shop().env;
    },
    start: (roles, appOptions) => shop().start(roles, appOptions),
    client: (app) => httpClient(app.url),
  };
}
