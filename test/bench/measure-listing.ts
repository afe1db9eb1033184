import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listingSorts, type ListingQuery } from '../../app/catalogue/find-listed-sql.ts';
import { listProducts } from '../../app/catalogue/list-products.ts';
import { findReadyImages } from '../../app/images/image-sql.ts';
import { migrate } from '../../app/migrations/migrate.ts';
import { type Database, openDatabase } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { type MysqlServer, startMysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { serverFromDebian } from '../../localstack/programs/server-from-debian.ts';
import { listingPlans } from './listing-plans.ts';
import { createLargeCatalogue } from '../support/shop/large-catalogue.ts';
import { listingRequests } from '../support/http/listing-requests.ts';
import { writeDirtyPages } from './write-dirty-pages.ts';
import { runCommand } from '../../scripts/run-command.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';

/** Number of requests per combination. */
const REQUESTS = 25;
const WARM_UP = 3;
/** Each request runs this often and the best time counts, which excludes interference on the same cores. */
const TAKES = 2;
const PAGE = 20;
/** Number of the slowest requests that are measured again, and number of repetitions. */
const SLOWEST = 5;
const ASKED_AGAIN = 20;

const usage = `usage: npm run bench:listing [-- --mysql=debian] [--products=N]

Measures the product list on a separate database: for every combination of sort, search and filters, the time
that a request waits for the database, on the first pages and on later ones, and some query plans. Prints the
tables of docs/catalogue.md.
`;

await runCommand(
  'bench:listing',
  async () => {
    const { values: options } = parseArgs({
      options: {
        mysql: { type: 'string' },
        products: { type: 'string', default: '100000' },
      },
    });
    const cacheDir = shopPaths.cache;
    const dataDir = mkdtempSync(join(tmpdir(), 'rowlock-listing-'));
    const log = (line: string) => console.log(line);

    let server: MysqlServer | undefined;
    try {
      const program = options.mysql === 'debian' ? await serverFromDebian('mysql', cacheDir, log) : undefined;
      if (program !== undefined && 'unobtainable' in program) throw new Error(program.unobtainable);
      server = await startMysqlServer({
        dataDir,
        cacheDir,
        log,
        durable: false,
        bufferPoolMb: 1024,
        ...(program === undefined ? {} : { program }),
      });
      const url = await server.createDatabase('listing');
      await migrate(url);
      const database = openDatabase({
        writerUrl: url,
        connectionsMax: 2,
        log: createLog({ level: 'error', role: 'bench', stage: 'bench' }),
        nowMs: Date.now,
        random: Math.random,
      });
      const count = Number(options.products);
      await createLargeCatalogue(database, count);
      await database.read('ANALYZE TABLE products, product_stock, product_listing, product_terms');
      log(`${server.engine} ${server.version}, ${count} products, ${PAGE} a page\n`);
      // Flushes dirty pages of the seeding, which would otherwise disturb the first measurements.
      await writeDirtyPages(server);
      for (const line of [...(await table(database)), '', ...(await listingPlans(url, PAGE))]) log(line);
      await database.close();
    } finally {
      await server?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
    return 0;
  },
  usage,
);

interface Request {
  readonly title: string;
  readonly query: ListingQuery;
  readonly page: number;
  readonly tookMs: number;
}

/** A row per search and price range, a column per sort: the p99 of requests with and without `inStock`. */
async function table(database: Database): Promise<string[]> {
  const times = new Map<string, number[]>();
  const all: Request[] = [];
  for (const { title, query } of listingRequests()) {
    const key = title.replace(/, in stock$/, '');
    const measured = await measure(database, title, query);
    times.set(key, [...(times.get(key) ?? []), ...measured.map(({ tookMs }) => tookMs)]);
    all.push(...measured);
  }
  const kinds = new Set([...times.keys()].map((key) => key.replace(/^[^,]*(, )?/, '')));
  const cell = (kind: string, sort: string) =>
    p99(times.get(kind === '' ? sort : `${sort}, ${kind}`) ?? []).toFixed(1);
  const allMs = all.map(({ tookMs }) => tookMs);
  return [
    `| p99 in ms | ${listingSorts.join(' | ')} |`,
    `|---|${listingSorts.map(() => '---:').join('|')}|`,
    ...[...kinds].map(
      (kind) => `| ${kind || 'everything'} | ${listingSorts.map((sort) => cell(kind, sort)).join(' | ')} |`,
    ),
    '',
    `All ${all.length} requests: p50 ${quantile(allMs, 0.5).toFixed(1)} ms, p99 ` +
      `${p99(allMs).toFixed(1)} ms, longest ${quantile(allMs, 1).toFixed(1)} ms.`,
    '',
    ...(await slowest(database, all)),
  ];
}

/** Measures the slowest requests again: a slow plan stays slow, interference does not. */
async function slowest(database: Database, all: readonly Request[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { title, query, page, tookMs } of all
    .toSorted((a, b) => b.tookMs - a.tookMs)
    .slice(0, SLOWEST)) {
    const again: number[] = [];
    for (let take = 0; take < ASKED_AGAIN; take += 1) again.push((await ask(database, query)).tookMs);
    lines.push(
      `${tookMs.toFixed(1)} ms: ${title}, page ${page}; ${ASKED_AGAIN} times again: p50 ` +
        `${quantile(again, 0.5).toFixed(1)} ms, longest ${quantile(again, 1).toFixed(1)} ms`,
    );
  }
  return lines;
}

async function measure(
  database: Database,
  title: string,
  query: Omit<ListingQuery, 'after' | 'limit'>,
): Promise<Request[]> {
  const requests: Request[] = [];
  let after: ListingQuery['after'];
  for (let page = 1; page <= REQUESTS + WARM_UP; page += 1) {
    const asked = { ...query, after, limit: PAGE };
    let bestMs = Infinity;
    for (let take = 0; take < TAKES; take += 1) {
      const { tookMs, next } = await ask(database, asked);
      bestMs = Math.min(bestMs, tookMs);
      after = next;
    }
    requests.push({ title, query: asked, page, tookMs: bestMs });
  }
  return requests.slice(WARM_UP);
}

async function ask(
  database: Database,
  query: ListingQuery,
): Promise<{ tookMs: number; next: ListingQuery['after'] }> {
  const startMs = performance.now();
  const page = await listProducts(database, query);
  await findReadyImages(
    database,
    page.products.map(({ id }) => id),
  );
  return { tookMs: performance.now() - startMs, next: page.next };
}

function p99(times: readonly number[]): number {
  return quantile(times, 0.99);
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
