import { appEnvironment } from './app-environment.ts';
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
