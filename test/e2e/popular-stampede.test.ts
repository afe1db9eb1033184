import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { type FaultProxy, openFaultProxy } from '../support/servers/fault-proxy.ts';
import { holdStatistics } from '../support/servers/hold-statistics.ts';
import { lockAttempts } from '../support/servers/lock-attempts.ts';
import { statisticsQueries } from '../support/servers/statistics-queries.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';
import { popularReaders, type ReadersOutcome } from './popular-readers.ts';

const CONNECTIONS = 1000;
const KEY = 'popular:v1';
/** Time before the list expires when both processes cache it; the readers start within it. */
const LEFT_MS = 4000;

describe('the popular list under 1,000 concurrent requests at two processes', () => {
  const shop = useTestShop();
  let proxy: FaultProxy;
  let maker: AppProcess;
  let apps: AppProcess[];
  before(async () => {
    maker = await shop.start(['api']);
    const admin = await adminClient(shop, maker);
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    for (let units = 1; units <= 30; units += 1) {
      const productId = await admin.newProduct({ name: `p${units}` });
      await shop.database.write('INSERT INTO product_sales_hourly VALUES (?, ?, ?, ?)', [
        hour,
        uuidBytes(productId),
        units,
        units * 100,
      ]);
    }
    const { DATABASE_URL = '' } = shop.env;
    proxy = await openFaultProxy(DATABASE_URL);
  });
  // A process keeps its copy for a minute, so every test starts two new processes.
  beforeEach(async () => {
    await shop.redis.flush();
    const { DATABASE_URL = '' } = shop.env;
    const env = { DATABASE_URL: proxy.through(DATABASE_URL) };
    apps = await Promise.all([shop.start(['api'], { env }), shop.start(['api'], { env })]);
  });
  const urls = () => apps.map(({ url }) => url);

  it('is queried once when the cached list expires during the requests', async function () {
    const { body } = await shop.client(maker).get('/products/popular');
    // Both processes cache the list that the maker built, shortly before it expires.
    await shop.redis.client.pexpire(KEY, LEFT_MS);
    for (const app of apps)
      expect((await shop.client(app).get('/products/popular')).body).to.deep.equal(body);
    const queries = statisticsQueries(proxy);

    const { outcomes } = await popularReaders({
      urls: urls(),
      connections: CONNECTIONS,
      oldGeneratedAt: body.generatedAt,
    });
    const { statuses, generations, slowestMs } = sum(await outcomes);
    report(statuses, queries.count, slowestMs);
    expect(Object.keys(statuses)).to.deep.equal(['200']);
    // Every connection sent requests before the list expired and after.
    expect(generations[body.generatedAt]).to.be.at.least(CONNECTIONS);
    expect(Object.keys(generations)).to.have.lengthOf(2);
    expect(queries.count).to.equal(1);
  });

  it('is queried once when no list is cached and the query is slow', async function () {
    const queries = statisticsQueries(proxy);
    const hold = await holdStatistics(shop.database);
    const attemptsBefore = await lockAttempts(shop.redis.client);
    const { asked, outcomes } = await popularReaders({
      urls: urls(),
      connections: CONNECTIONS,
      oldGeneratedAt: undefined,
    });
    await asked;
    await until(
      'both processes have asked for the lock',
      async () => (await lockAttempts(shop.redis.client)) > attemptsBefore + 1,
    );
    await hold.release();
    const { statuses, generations, slowestMs } = sum(await outcomes);
    report(statuses, queries.count, slowestMs);
    expect(statuses).to.deep.equal({ 200: CONNECTIONS });
    expect(Object.keys(generations)).to.have.lengthOf(1);
    expect(queries.count).to.equal(1);
  });

  function report(statuses: ReadersOutcome['statuses'], queries: number, slowestMs: number): void {
    console.log(
      `    ${JSON.stringify(statuses)}, statistics queries: ${queries}, slowest answer ` +
        `${slowestMs.toFixed()} ms`,
    );
  }
});

function sum(outcomes: readonly ReadersOutcome[]): ReadersOutcome {
  const add = (all: readonly Readonly<Record<string, number>>[]) => {
    const total: Record<string, number> = {};
    for (const [key, count] of all.flatMap(Object.entries))
      total[key] = (total[key] ?? 0) + (count as number);
    return total;
  };
  return {
    statuses: add(outcomes.map(({ statuses }) => statuses)),
    generations: add(outcomes.map(({ generations }) => generations)),
    slowestMs: Math.max(...outcomes.map(({ slowestMs }) => slowestMs)),
  };
}
