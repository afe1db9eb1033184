import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { clockOffBy } from '../../support/servers/clock-behind.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';
import { until } from '../../support/until.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';

const MINUTE_MS = 60_000;
/** Offset of more than an hour, so that hourly statistics would show it. */
const OFF_MS = 130 * MINUTE_MS;
/** Maximum error of a decision: half a round trip on this machine, under other load. */
const ERROR_MAX_MS = 1000;

describe('two processes whose clocks are hours apart', function () {
  const shop = useTestShop();
  let apps: readonly [AppProcess, AppProcess];
  let admin: AdminClient;
  let cup: string;
  before(async () => {
    const roles = ['api', 'data-platform'] as const;
    apps = await Promise.all([
      shop.start(roles, { nodeOptions: clockOffBy(-OFF_MS) }),
      shop.start(roles, { nodeOptions: clockOffBy(OFF_MS) }),
    ]);
    admin = await adminClient(shop, apps[0]);
    cup = await admin.newProduct({ price: 1000, stock: 1000 });
  });

  const at = (client: HttpClient) => apps.map((app) => client.at(app.url));
  const newCustomer = () => shop.client(apps[0]).newCustomer(100_000);
  const databaseMs = async () => (await shop.database.value<Date>('SELECT NOW(3)')).getTime();
  const window = async (fromMs: number, untilMs: number) => {
    const nowMs = await databaseMs();
    return { valid_from: new Date(nowMs + fromMs), valid_until: new Date(nowMs + untilMs) };
  };
  const order = (client: HttpClient, userCouponId?: string) =>
    client.post('/orders', { items: [{ productId: cup, quantity: 1 }], userCouponId }, { key: randomUUID() });
  const isNow = async (time: string) =>
    expect(Math.abs(Date.parse(time) - (await databaseMs()))).to.be.lessThan(onThisMachine(ERROR_MAX_MS));

  it('log the difference', async () => {
    for (const app of apps) await app.waitForLog('clock_differs');
  });

  it('issue and accept a coupon whose window is open, and show it as open', async () => {
    const couponId = await insertCoupon(shop.database, await window(-5 * MINUTE_MS, 5 * MINUTE_MS));
    for (const index of [0, 1] as const) {
      const client = at(await newCustomer())[index] as HttpClient;
      const listed = (await client.get('/coupons')).body.data as { id: string }[];
      expect(listed.map(({ id }) => id)).to.include(couponId);
      const issued = await client.post(`/coupons/${couponId}/issue`);
      expect(issued.status, issued.text).to.equal(201);
      const used = await order(client, issued.body.id);
      expect(used.status, used.text).to.equal(200);
      expect(used.body.discount).to.equal(100);
    }
  });

  for (const { title, from, to, reason } of [
    { title: 'not open yet', from: 5 * MINUTE_MS, to: 500 * MINUTE_MS, reason: 'not_yet_valid' },
    { title: 'already over', from: -500 * MINUTE_MS, to: -5 * MINUTE_MS, reason: 'expired' },
  ]) {
    it(`reject a coupon whose window is ${title}, for claims and orders`, async () => {
      const couponId = await insertCoupon(shop.database, await window(-MINUTE_MS, 5 * MINUTE_MS));
      const customer = await newCustomer();
      const held = await customer.post(`/coupons/${couponId}/issue`);
      expect(held.status, held.text).to.equal(201);
      const { valid_from, valid_until } = await window(from, to);
      await shop.database.write('UPDATE coupons SET valid_from = ?, valid_until = ? WHERE id = ?', [
        valid_from,
        valid_until,
        Buffer.from(couponId.replaceAll('-', ''), 'hex'),
      ]);
      const other = await insertCoupon(shop.database, { valid_from, valid_until });
      for (const client of at(customer)) {
        for (const reply of [
          await client.post(`/coupons/${other}/issue`),
          await order(client, held.body.id),
        ]) {
          expect(reply.status, reply.text).to.equal(409);
          expect(reply.body).to.include({ code: 'coupon_not_usable', reason });
        }
      }
    });
  }

  it('date orders and cancellations alike, and list them in the order of placement', async () => {
    const customer = await newCustomer();
    const placed: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const client of at(customer)) {
        const reply = await order(client);
        expect(reply.status, reply.text).to.equal(200);
        await isNow(reply.body.createdAt);
        placed.unshift(reply.body.id);
      }
    }
    for (const client of at(customer)) {
      const { body } = await client.get('/orders');
      expect((body.data as { id: string }[]).map(({ id }) => id)).to.deep.equal(placed);
    }
    for (const [index, client] of at(customer).entries()) {
      const reply = await client.request('POST', `/orders/${placed[index]}/cancel`, { key: randomUUID() });
      expect(reply.status, reply.text).to.equal(200);
      await isNow(reply.body.cancelledAt);
    }
  });

  it('count sales in the hour of the order, and show the same window', async () => {
    const thing = await admin.newProduct({ price: 10, stock: 100 });
    const customer = await newCustomer();
    const times: string[] = [];
    for (const client of at(customer)) {
      const reply = await client.postOrder([{ productId: thing, quantity: 2 }]);
      times.push(reply.body.createdAt);
      await isNow(reply.body.createdAt);
    }
    const hours = new Set(times.map((time) => time.slice(0, 13)));
    const rows = await until('both are counted', async () => {
      const found = await shop.database.read<{ sales_hour: Date; units: number }>(
        'SELECT sales_hour, units FROM product_sales_hourly WHERE product_id = ?',
        [Buffer.from(thing.replaceAll('-', ''), 'hex')],
      );
      return found.reduce((sum, { units }) => sum + units, 0) === 4 && found;
    });
    expect(new Set(rows.map(({ sales_hour }) => sales_hour.toISOString().slice(0, 13)))).to.deep.equal(hours);
    for (const app of apps) {
      const { body } = await shop.client(app).get('/products/popular');
      expect(Date.parse(body.window.to) - Date.parse(body.generatedAt)).to.be.within(0, 60 * MINUTE_MS);
      expect((body.data as { id: string }[]).map(({ id }) => id)).to.include(thing);
    }
  });
});
