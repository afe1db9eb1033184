import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { auditShop } from '../../app/audit/audit-shop.ts';
import { openDatabase } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { openBalancer } from './balancer.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import type { AppEnvironment } from './instance.ts';
import type { Release } from './release.ts';
import { within } from './within.ts';
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
  readonly openFleet: (options: FleetOptions) => Promise<Fleet>;
}

export interface RehearsalReport {
  readonly load: ShoppersReport;
  /** Requests by release, in fleet order. */
  readonly served: ReturnType<Fleet['served']>;
  readonly audit: Awaited<ReturnType<typeof auditShop>>;
}

const PRODUCTS = 10;
const STOCK = 10_000_000;
const HEALTHY_TIMEOUT_MS = 60_000;
const QUIET_TIMEOUT_MS = 60_000;
/** All customers share this machine's address; in production each has their own. */
const noLimitsByAddress = { RATE_LIMIT_ADDRESS: 'off', RATE_LIMIT_AUTH: 'off' };

/**
 * Rolls a fleet from one release to the next and back while customers shop. Audits everything at the end.
 * Throws when a process does not start or does not stop in order.
 */
export async function rehearseRelease(options: RehearsalOptions): Promise<RehearsalReport> {
  const balancer = await openBalancer(options);
  const env = { ...options.env, ...noLimitsByAddress };
  let fleet: Fleet | undefined;
  let shoppers: Shoppers | undefined;
  try {
    fleet = await options.openFleet({ ...options, balancer, env });
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
    await fleet?.close().catch(() => undefined);
    await balancer.close();
  }
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
  await within('requests are answered', () => shoppers.answered() >= enough, HEALTHY_TIMEOUT_MS);
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
      + (SELECT COUNT(*) FROM orders WHERE status = 'CANCELLED')
      - (SELECT COUNT(*) FROM processed_events) AS open`;
    const isCounted = async () => (await database.read<{ open: number }>(open))[0]?.open === 0;
    await within('every event is counted', isCounted, QUIET_TIMEOUT_MS);
    const signal = new AbortController().signal;
    return await auditShop(
      { database, steadyMs: () => performance.now() },
      { mode: 'full', eventsLateAfterMs: 0, signal },
    );
  } finally {
    await database.close();
  }
}
