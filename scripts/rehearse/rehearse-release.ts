import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { cancelledEventId } from '../../app/audit/event-rows-sql.ts';
import { auditShop } from '../../app/audit/audit-shop.ts';
import { type Database, openDatabase } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { openBalancer } from './balancer.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import type { AppEnvironment } from './instance.ts';
import type { Release } from './release.ts';
import { within } from './within.ts';
import { type Shoppers, type ShoppersReport, startShoppers } from './shoppers.ts';

export interface RehearsalOptions {
  /** The releases in the order in which they replace each other. */
  readonly releases: readonly [Release, ...Release[]];
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
  /** Log lines of consumers about events that they could not read. */
  readonly unreadable: number;
}

const PRODUCTS = 10;
const STOCK = 10_000_000;
const HEALTHY_TIMEOUT_MS = 60_000;
const QUIET_TIMEOUT_MS = 60_000;
/** All customers share this machine's address, and each sends 10 requests per second. */
const noRateLimits = { RATE_LIMIT_USER: 'off', RATE_LIMIT_ADDRESS: 'off', RATE_LIMIT_AUTH: 'off' };

/**
 * Rolls a fleet from one release to the next while customers shop: API and worker first, then the consumer.
 * The next release waits until all that was sent before is counted. Audits everything at the end. Throws when
 * a process does not start or does not stop in order.
 */
export async function rehearseRelease(options: RehearsalOptions): Promise<RehearsalReport> {
  const balancer = await openBalancer(options);
  const env = { ...options.env, ...noRateLimits };
  let fleet: Fleet | undefined;
  let shoppers: Shoppers | undefined;
  try {
    fleet = await options.openFleet({ ...options, balancer, env });
    const [first, ...others] = options.releases;
    await fleet.rollTo(first);
    shoppers = await startShoppers({
      url: balancer.url,
      count: options.shoppers,
      pauseMs: options.pauseMs,
      productIds: await offerProducts(balancer.url, options.env),
    });
    await moreAnswers(shoppers, options);
    for (const release of others) {
      await fleet.rollTo(release);
      await moreAnswers(shoppers, options);
      await withDatabase(options.env, untilCounted);
    }
    const load = await shoppers.stop();
    const audit = await withDatabase(options.env, auditAtRest);
    await fleet.close();
    return { load, served: fleet.served(), audit, unreadable: countUnreadable(options.dir) };
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

async function withDatabase<T>(env: AppEnvironment, work: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase({
    writerUrl: env['DATABASE_URL'] ?? '',
    connectionsMax: 1,
    log: createLog({ level: 'error', role: 'rehearse', stage: 'local' }),
    nowMs: () => Date.now(),
    random: () => Math.random(),
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Counts what consumers could not read, by the logs below `dir`. */
function countUnreadable(dir: string): number {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.log'),
  );
  const logs = files.map((file) => readFileSync(join(dir, file), 'utf8'));
  return logs.reduce((sum, log) => sum + log.split('"event":"event_unreadable"').length - 1, 0);
}

/** Waits until every event of what has been committed by now is counted. */
async function untilCounted(database: Database): Promise<void> {
  const [now] = await database.read<{ at: Date }>('SELECT NOW(3) AS at');
  const at = now?.at ?? new Date();
  const isCounted = async () => {
    const [row] = await database.read<{ open: number }>(
      `SELECT
         (SELECT COUNT(*) FROM orders o LEFT JOIN processed_events p ON p.event_id = o.id
          WHERE o.created_at < ? AND p.event_id IS NULL)
         + (SELECT COUNT(*) FROM orders o
            LEFT JOIN processed_events p ON p.event_id = ${cancelledEventId('o.id')}
            WHERE o.status = 'CANCELLED' AND o.cancelled_at < ? AND p.event_id IS NULL) AS open`,
      [at, at],
    );
    return row?.open === 0;
  };
  await within('every event so far is counted', isCounted, QUIET_TIMEOUT_MS);
}

/** Once every event is counted, everything must add up and no event may be late. */
async function auditAtRest(database: Database): Promise<RehearsalReport['audit']> {
  // Each order and each cancellation is one event, and nothing else is.
  const open = `SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM orders)
    + (SELECT COUNT(*) FROM orders WHERE status = 'CANCELLED')
    - (SELECT COUNT(*) FROM processed_events) AS open`;
  const isCounted = async () => (await database.read<{ open: number }>(open))[0]?.open === 0;
  await within('every event is counted', isCounted, QUIET_TIMEOUT_MS);
  const signal = new AbortController().signal;
  return auditShop(
    { database, steadyMs: () => performance.now() },
    { mode: 'full', eventsLateAfterMs: 0, signal },
  );
}
