import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { auditShop } from '../../app/audit/audit-shop.ts';
import { openDatabase } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { type Balancer, openBalancer, type Target } from './balancer.ts';
import {
  type AppEnvironment,
  type Instance,
  migrateDatabase,
  startConsumer,
  startInstance,
} from './instance.ts';
import type { Release } from './release.ts';
import { type Shoppers, type ShoppersReport, startShoppers } from './shoppers.ts';

export interface RehearsalOptions {
  readonly before: Release;
  readonly after: Release;
  /** The app's settings without a port; the database is empty. */
  readonly env: AppEnvironment;
  /** Folder for the logs of the processes. */
  readonly dir: string;
  readonly shoppers: number;
  readonly pauseMs: number;
  readonly healthEveryMs: number;
  /** Minimum requests answered in each state of the fleet. */
  readonly requestsBetween: number;
  readonly log: (line: string) => void;
}

export interface RehearsalReport {
  readonly load: ShoppersReport;
  /** Requests by release, in fleet order. */
  readonly served: readonly { readonly release: string; readonly requests: number }[];
  readonly audit: Awaited<ReturnType<typeof auditShop>>;
}

const INSTANCES = 2;
const PRODUCTS = 10;
const STOCK = 10_000_000;
const HEALTHY_TIMEOUT_MS = 60_000;
const QUIET_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** All customers share this machine's address; in production each has their own. */
const noLimitsByAddress = { RATE_LIMIT_ADDRESS: 'off', RATE_LIMIT_AUTH: 'off' };

interface Running {
  readonly instance: Instance;
  readonly target: Target;
}

/**
 * Rolls a fleet of two instances from one release to the next and back while customers shop, as Auto Scaling
 * does with the settings of the stacks. Migrations run first. Then a new instance starts, an old one leaves
 * the balancer, answers its open requests and receives SIGTERM. Audits everything at the end. Throws when a
 * process does not start or does not stop in order.
 */
export async function rehearseRelease(options: RehearsalOptions): Promise<RehearsalReport> {
  const balancer = await openBalancer(options);
  const fleet = rollingFleet(balancer, options);
  let shoppers: Shoppers | undefined;
  try {
    await fleet.rollTo(options.before);
    shoppers = await startShoppers({
      url: balancer.url,
      count: options.shoppers,
      pauseMs: options.pauseMs,
      productIds: await offerProducts(balancer.url, options.env),
    });
    await moreAnswers(shoppers, options);
    for (const release of [options.after, options.before]) {
      await fleet.rollTo(release);
      await moreAnswers(shoppers, options);
    }
    const load = await shoppers.stop();
    const audit = await auditAtRest(options.env);
    await fleet.close();
    return { load, served: fleet.served(), audit };
  } finally {
    await shoppers?.stop();
    await fleet.close().catch(() => undefined);
    await balancer.close();
  }
}

function rollingFleet(balancer: Balancer, options: RehearsalOptions) {
  const { dir, log } = options;
  const env = { ...options.env, ...noLimitsByAddress };
  const served: { release: string; targets: Target[] }[] = [];
  const running: Running[] = [];
  let consumer: { stop(): Promise<void> } | undefined;
  let launched = 0;

  const launch = async (release: Release): Promise<void> => {
    launched += 1;
    const name = `instance-${launched}`;
    const instance = await startInstance({ release, env, dir, name });
    const target = balancer.register(instance.url);
    running.push({ instance, target });
    served.at(-1)?.targets.push(target);
    await until(`${name} is healthy`, () => target.isHealthy(), HEALTHY_TIMEOUT_MS);
    log(`${name} serves ${release.name}`);
  };
  const leave = async ({ instance, target }: Running): Promise<void> => {
    await balancer.deregister(target);
    await instance.stop();
    log(`an instance of ${instance.release.name} has left, ${target.served()} requests`);
  };

  return {
    async rollTo(release: Release): Promise<void> {
      served.push({ release: release.name, targets: [] });
      const old = [...running];
      // As in the stacks: once per release, while every instance still runs the previous one.
      await migrateDatabase({ release, env, dir, name: `release-${served.length}` });
      for (let count = 0; count < INSTANCES; count += 1) {
        await launch(release);
        const leaving = old.shift();
        if (leaving === undefined) continue;
        running.splice(running.indexOf(leaving), 1);
        await leave(leaving);
      }
      const before = consumer;
      consumer = await startConsumer({ release, env, dir, name: `consumer-${launched}` });
      await before?.stop();
    },
    served: () =>
      served.map(({ release, targets }) => ({
        release,
        requests: targets.reduce((sum, target) => sum + target.served(), 0),
      })),
    /** Throws when a process does not stop in order. */
    async close(): Promise<void> {
      const ends = running.splice(0).map(({ instance }) => instance.stop());
      if (consumer !== undefined) ends.push(consumer.stop());
      consumer = undefined;
      await Promise.all(ends);
    },
  };
}

/**
 * Products with more stock than is ever bought. The admin's role is set by SQL, because no request can set
 * it.
 */
async function offerProducts(url: string, env: AppEnvironment): Promise<string[]> {
  const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const post = async <T>(path: string, body: object, token?: string): Promise<T> => {
    const reply = await fetch(new URL(path, url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!reply.ok) throw new Error(`${path} answered ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  await post('/auth/signup', credentials);
  const connection = await createConnection({ uri: env['DATABASE_URL'] ?? '', connectTimeout: 5000 });
  try {
    await connection.query("UPDATE users SET role = 'admin' WHERE email = ?", [credentials.email]);
  } finally {
    await connection.end();
  }
  const { token } = await post<{ token: string }>('/auth/login', credentials);
  const products = Array.from({ length: PRODUCTS }, (_, index) =>
    post<{ id: string }>(
      '/admin/products',
      { name: `Product ${index + 1}`, price: 10, stock: STOCK, purchaseLimit: null },
      token,
    ),
  );
  return (await Promise.all(products)).map(({ id }) => id);
}

async function moreAnswers(shoppers: Shoppers, { requestsBetween }: RehearsalOptions): Promise<void> {
  const enough = shoppers.answered() + requestsBetween;
  await until('requests are answered', () => shoppers.answered() >= enough, HEALTHY_TIMEOUT_MS);
}

/** Once every event is counted, everything must add up and no event may be late. */
async function auditAtRest(env: AppEnvironment): Promise<RehearsalReport['audit']> {
  const database = openDatabase({
    writerUrl: env['DATABASE_URL'] ?? '',
    connectionsMax: 1,
    log: createLog({ level: 'error', role: 'rehearse', stage: 'local' }),
    nowMs: () => Date.now(),
    random: () => Math.random(),
  });
  try {
    // Each order and each cancellation is one event, and nothing else is.
    const open = `SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM orders)
      + (SELECT COUNT(*) FROM orders WHERE status = 'CANCELLED') - (SELECT COUNT(*) FROM processed_events) AS open`;
    const isCounted = async () => (await database.read<{ open: number }>(open))[0]?.open === 0;
    await until('every event is counted', isCounted, QUIET_TIMEOUT_MS);
    const signal = new AbortController().signal;
    return await auditShop(
      { database, steadyMs: () => performance.now() },
      { mode: 'full', eventsLateAfterMs: 0, signal },
    );
  } finally {
    await database.close();
  }
}

async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const lastMs = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > lastMs) throw new Error(`waited ${timeoutMs / 1000} s for: ${what}`);
    await delay(POLL_MS);
  }
}
