import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 60 * 60 * 1000;

describe('popular products', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    admin = await adminClient(shop, await shop.start(['api']));
  });
  // A process keeps its copy for a minute, so every test starts a new process.
  beforeEach(async () => {
    app = await shop.start(['api']);
    await shop.redis.client.del('popular:v1');
    await shop.database.write('DELETE FROM product_sales_hourly');
  });

  const sold = async (productId: string, units: number, revenue: number, hoursAgo = 0) => {
    const hour = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS);
    await shop.database.write('INSERT INTO product_sales_hourly VALUES (?, ?, ?, ?)', [
      hour,
      uuidBytes(productId),
      units,
      revenue,
    ]);
  };
  const popular = async (query = '') => (await shop.client(app).get(`/products/popular${query}`)).body;
  const idsOf = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id);

  it('are ranked by units, then revenue, then id, over the last 72 hours', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push(await admin.newProduct({ name: `p${count}` }));
    const [a, b, c, d, old, none] = ids as [string, string, string, string, string, string];
    await sold(a, 5, 50);
    await sold(a, 2, 20, 71);
    await sold(b, 9, 1);
    await sold(c, 7, 71);
    await sold(d, 7, 70);
    await sold(old, 99, 99, 72);
    await sold(none, 3, 3);
    await sold(none, -3, -3, 1);
    const body = await popular();
    expect(idsOf(body)).to.deep.equal([b, c, a, d]);
    expect(body.data[2]).to.deep.equal({ id: a, name: 'p0', price: 100, units: 7, revenue: 70 });
    const { from, to } = body.window;
    expect(Date.parse(to) - Date.parse(from)).to.equal(72 * HOUR_MS);
    expect(Date.parse(to)).to.be.within(Date.now(), Date.now() + HOUR_MS);
  });

  it('exclude products that are not on sale', async () => {
    const [shown, hidden] = [await admin.newProduct(), await admin.newProduct()];
    await sold(shown, 1, 1);
    await sold(hidden, 9, 9);
    await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [uuidBytes(hidden)]);
    expect(idsOf(await popular())).to.deep.equal([shown]);
  });

  it('are five by default, or as many as requested, up to twenty', async () => {
    for (let count = 1; count <= 22; count += 1) await sold(await admin.newProduct(), count, count);
    expect((await popular()).data).to.have.lengthOf(5);
    expect((await popular('?limit=20')).data).to.have.lengthOf(20);
    expect((await popular('?limit=1')).data).to.have.lengthOf(1);
    expect((await shop.client(app).get('/products/popular?limit=21')).status).to.equal(400);
  });

  it('are not sent again to a client that has them', async () => {
    await sold(await admin.newProduct(), 1, 1);
    const [five, one] = await Promise.all(
      ['', '?limit=1'].map((query) => shop.client(app).get(`/products/popular${query}`)),
    );
    const etag = five?.headers.get('etag') as string;
    const again = (query: string) =>
      shop.client(app).get(`/products/popular${query}`, { headers: { 'If-None-Match': etag } });
    expect((await again('')).status).to.equal(304);
    expect((await again('')).headers.get('cache-control')).to.match(/^public, max-age=\d+$/);
    expect(one?.headers.get('etag') === etag).to.equal(one?.text === five?.text);
    await sold(await admin.newProduct(), 9, 9);
    await shop.redis.client.del('popular:v1');
    app = await shop.start(['api']);
    expect((await again('')).status).to.equal(200);
  });

  it('are kept in Redis for 60 s, and MySQL is not queried meanwhile', async () => {
    const [first, second] = [await admin.newProduct(), await admin.newProduct()];
    await sold(first, 1, 1);
    const reply = await shop.client(app).get('/products/popular');
    expect(idsOf(reply.body)).to.deep.equal([first]);
    expect(reply.headers.get('cache-control')).to.match(/^public, max-age=(59|60)$/);
    expect(await shop.redis.client.ttl('popular:v1')).to.be.within(50, 60);
    await sold(second, 9, 9);
    expect(idsOf(await popular())).to.deep.equal([first]);
    app = await shop.start(['api']);
    expect(idsOf(await popular()), 'another process').to.deep.equal([first]);
    // Delete the list, as its expiry does after 60 s.
    await shop.redis.client.del('popular:v1');
    app = await shop.start(['api']);
    expect(idsOf(await popular())).to.deep.equal([second, first]);
  });

  it('are kept in the process for the same time, and Redis is not queried meanwhile', async () => {
    const [first, second] = [await admin.newProduct(), await admin.newProduct()];
    await sold(first, 1, 1);
    await popular();
    await sold(second, 9, 9);
    const left = await shop.redis.client.get('popular:v1');
    await shop.redis.client.del('popular:v1');
    expect(idsOf(await popular())).to.deep.equal([first]);
    // Another process caches the list with 700 ms left, and reads Redis again when they are over.
    app = await shop.start(['api']);
    await shop.redis.client.set('popular:v1', left ?? '', 'PX', 700);
    expect(idsOf(await popular())).to.deep.equal([first]);
    await until('the list is made again', async () => idsOf(await popular())[0] === second);
  });

  it('state how long the response is valid', async () => {
    await popular();
    app = await shop.start(['api']);
    const key = 'popular:v1';
    const list = JSON.parse((await shop.redis.client.get(key)) ?? '{}') as { generatedAt: string };
    list.generatedAt = new Date(Date.now() - 45_000).toISOString();
    await shop.redis.client.set(key, JSON.stringify(list), 'EX', 15);
    const reply = await shop.client(app).get('/products/popular');
    expect(reply.headers.get('cache-control')).to.match(/^public, max-age=1[45]$/);
  });
});
