/**
 * `npm run bench:listing` measures the list of products on a database of its own: for every combination of sort, search
 * and filters the time that a request spends waiting for the database, on the first pages and on later ones. Prints the
 * table of docs/catalogue.md. `-- --mysql=debian` takes MySQL from Debian's packages, `-- --products=N` another size.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listingSorts, type ListingQuery } from '../../app/catalogue/find-listed.ts';
import { listProducts } from '../../app/catalogue/list-products.ts';
import { findReadyImages } from '../../app/images/image-sql.ts';
import { migrate } from '../../app/migrations/migrate.ts';
import { type Database, openDatabase } from '../../app/platform/database.ts';
import { createLog } from '../../app/platform/log.ts';
import { type MysqlServer, startMysqlServer } from '../../scripts/servers/start-mysql-server.ts';
import { mysqlFromDebian } from '../../scripts/test-suites/mysql-from-debian.ts';
import { createLargeCatalogue } from '../support/large-catalogue.ts';
import { listingRequests } from '../support/listing-requests.ts';

/** Requests of each combination. */
const REQUESTS = 25;
const WARM_UP = 3;
/** Of each request the better one counts: the other one met a neighbour on the same cores. */
const TAKES = 2;
const PAGE = 20;

const { values: options } = parseArgs({
  options: { mysql: { type: 'string' }, products: { type: 'string', default: '100000' } },
});
const top = join(import.meta.dirname, '../..');
const cacheDir = process.env['ROWLOCK_CACHE_DIR'] ?? join(top, '.local/cache');
const dataDir = mkdtempSync(join(tmpdir(), 'rowlock-listing-'));
const log = (line: string) => console.log(line);

let server: MysqlServer | undefined;
try {
  const program = options.mysql === 'debian' ? await mysqlFromDebian(cacheDir, log) : undefined;
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
  for (const line of await table(database)) log(line);
  await database.close();
} finally {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** A row for each search and price range, a column for each sort: the p99 of requests with and without `inStock`. */
async function table(database: Database): Promise<string[]> {
  const times = new Map<string, number[]>();
  const all: number[] = [];
  for (const { title, query } of listingRequests()) {
    const key = title.replace(/, in stock$/, '');
    const measured = await measure(database, query);
    times.set(key, [...(times.get(key) ?? []), ...measured]);
    all.push(...measured);
  }
  const kinds = new Set([...times.keys()].map((key) => key.replace(/^[^,]*(, )?/, '')));
  const cell = (kind: string, sort: string) =>
    p99(times.get(kind === '' ? sort : `${sort}, ${kind}`) ?? []).toFixed(1);
  return [
    `| p99 in ms | ${listingSorts.join(' | ')} |`,
    `|---|${listingSorts.map(() => '---:').join('|')}|`,
    ...[...kinds].map(
      (kind) => `| ${kind || 'everything'} | ${listingSorts.map((sort) => cell(kind, sort)).join(' | ')} |`,
    ),
    '',
    `All ${all.length} requests: p50 ${quantile(all, 0.5).toFixed(1)} ms, p99 ${p99(all).toFixed(1)} ms, longest ${quantile(all, 1).toFixed(1)} ms.`,
  ];
}

async function measure(database: Database, query: Omit<ListingQuery, 'after' | 'limit'>): Promise<number[]> {
  const times: number[] = [];
  let after: ListingQuery['after'];
  for (let request = 0; request < REQUESTS + WARM_UP; request += 1) {
    let bestMs = Infinity;
    let next: ListingQuery['after'];
    for (let take = 0; take < TAKES; take += 1) {
      const startMs = performance.now();
      const page = await listProducts(database, { ...query, after, limit: PAGE });
      await findReadyImages(
        database,
        page.products.map(({ id }) => id),
      );
      bestMs = Math.min(bestMs, performance.now() - startMs);
      next = page.next;
    }
    times.push(bestMs);
    after = next;
  }
  return times.slice(WARM_UP);
}

function p99(times: readonly number[]): number {
  return quantile(times, 0.99);
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
