import { expect } from 'chai';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createRedisLocks } from '../../../app/platform/redis/redis-lock.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';
import { serverFromDebian } from '../../../localstack/programs/server-from-debian.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { skipWithout } from '../../support/skip-without.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;

describe('the shop on Redis 6.0, the oldest that it supports', () => {
  const shop = useTestShop();
  let redis: OwnRedis;
  let app: AppProcess;
  let admin: AdminClient;
  const start = (env: Readonly<Record<string, string>> = {}) =>
    shop.start(['api', 'worker', 'data-platform'], {
      env: { REDIS_STATE_URL: `${redis.url}/0`, REDIS_CACHE_URL: `${redis.url}/1`, ...env },
    });

  before(async function () {
    const program = await serverFromDebian('redis', shopPaths.cache, () => undefined);
    if ('unobtainable' in program) return skipWithout(program.unobtainable, this);
    redis = await startOwnRedis(program);
    app = await start();
    admin = await adminClient(shop, app);
  });
  let mayComplain = false;
  // An unknown command is a 503, or a log line if the app can continue without the command.
  afterEach('no process logs a warning', () => {
    if (mayComplain) return;
    const complaints = app.logs.filter(({ level }) => level === 'error' || level === 'warn');
    expect(complaints).to.deep.equal([]);
  });

  const newCoupon = async (quantity: number): Promise<string> => {
    const reply = await admin.post('/admin/coupons', {
      name: 'Spring',
      discount: { kind: 'FIXED', amount: 500 },
      minimumOrder: 1000,
      quantity,
      validFrom: new Date(Date.now() - HOUR_MS).toISOString(),
      validUntil: new Date(Date.now() + HOUR_MS).toISOString(),
    });
    expect(reply.status, reply.text).to.equal(201);
    return reply.body.id as string;
  };

  it('really runs on that version', async () => {
    expect(await redis.client.info('server')).to.match(/^redis_version:6\.0\./m);
  });

  it('signs customers up, logs them in and out, and ends all of their sessions', async () => {
    const visitor = shop.client(app);
    const { email, password } = await visitor.signUp();
    const account = { email, password };
    const [first, second] = [await visitor.logIn(account), await visitor.logIn(account)];
    expect((await first.get('/me')).status).to.equal(200);
    expect((await first.post('/auth/logout')).status).to.equal(204);
    expect((await first.get('/me')).status).to.equal(401);
    expect((await second.get('/me')).status).to.equal(200);
    const wrong = await visitor.post('/auth/login', { ...account, password: 'wrong horse battery' });
    expect(wrong.status).to.equal(401);
  });

  it('keeps the cart of a guest, merges it at log-in, and orders it with a coupon', async () => {
    const product = await admin.newProduct({ price: 1000, stock: 10 });
    const visitor = shop.client(app);
    const guest = cartClient(visitor);
    await guest.add(product, 1);
    await guest.set(product, 3);
    expect(await guest.quantities()).to.deep.equal({ [product]: 3 });

    const { email, password } = await visitor.signUp();
    const logIn = await visitor.post(
      '/auth/login',
      { email, password },
      { headers: { 'Cart-Token': guest.token as string } },
    );
    const customer = visitor.withToken(logIn.body.token as string);
    const cart = cartClient(customer);
    expect(await cart.quantities()).to.deep.equal({ [product]: 3 });
    expect((await customer.charge(100_000)).status).to.equal(200);
    const coupon = await customer.post(`/coupons/${await newCoupon(5)}/issue`);
    expect(coupon.status, coupon.text).to.equal(201);
    const order = await customer.post(
      '/orders',
      { fromCart: true, userCouponId: coupon.body.id },
      { key: 'from-cart' },
    );
    expect(order.status, order.text).to.equal(200);
    expect(order.body).to.include({ subtotal: 3000, discount: 500, total: 2500 });
    expect(await cart.quantities()).to.deep.equal({});
    const cancelled = await customer.post(`/orders/${order.body.id}/cancel`, undefined, { key: 'cancel' });
    expect(cancelled.status, cancelled.text).to.equal(200);
  });

  it('counts coupons in Redis, and rebuilds the counters after a flush', async () => {
    const couponId = await newCoupon(2);
    const left = async () => {
      const [key] = (await redis.client.keys(`coupon*${couponId}*left*`)).sort();
      return key === undefined ? undefined : redis.client.get(key);
    };
    expect(await left()).to.equal('2');
    const customers = [];
    for (let count = 0; count < 3; count += 1) customers.push(await shop.client(app).newCustomer());
    const [first, second, third] = customers;
    expect((await first?.post(`/coupons/${couponId}/issue`))?.status).to.equal(201);
    expect(await left()).to.equal('1');
    for (const key of await redis.client.keys(`coupon*${couponId}*`)) await redis.client.del(key);
    await until('the counter is rebuilt', async () => (await left()) === '1');
    expect((await second?.post(`/coupons/${couponId}/issue`))?.status).to.equal(201);
    expect((await third?.post(`/coupons/${couponId}/issue`))?.body.code).to.equal('coupon_sold_out');
  });

  it('shows what has been sold in the popular list', async () => {
    const product = await admin.newProduct({ price: 1000, stock: 10 });
    const customer = await shop.client(app).newCustomer(10_000);
    expect((await customer.postOrder([{ productId: product, quantity: 2 }])).status).to.equal(200);
    await until('the data platform has counted it', async () => {
      const rows = await shop.database.read('SELECT 1 FROM product_sales_hourly WHERE product_id = ?', [
        uuidBytes(product),
      ]);
      return rows.length > 0;
    });
    const { body } = await shop.client(app).get('/products/popular');
    expect(body.data.map(({ id }: { id: string }) => id)).to.include(product);
    await redis.client.select(1);
    const kept = await redis.client.get('popular:v1');
    await redis.client.select(0);
    expect(kept).to.include(product);
  });

  it('limits the requests of a user at two processes', async () => {
    const limited = { RATE_LIMIT_USER: '8/60' };
    const [one, two] = await Promise.all([start(limited), start(limited)]);
    const customer = await shop.client(one).newCustomer();
    let refused: string | undefined;
    for (let sent = 0; sent < 12 && refused === undefined; sent += 1) {
      const reply = await customer.at(sent % 2 === 0 ? one.url : two.url).get('/me');
      if (reply.status === 429) refused = reply.body.code;
    }
    expect(refused).to.equal('rate_limited');
    await Promise.all([one.stop(), two.stop()]);
  });

  it('grants a lock to one process at a time', async () => {
    const log = createLog({ level: 'error', role: 'test', stage: 'test' });
    const locksOfOneProcess = async () => {
      const store = openRedis({ url: redis.url, role: 'state', log });
      onCleanup(() => store.close());
      await store.ready(5000);
      return createRedisLocks({ store, log });
    };
    const [first, second] = await Promise.all([locksOfOneProcess(), locksOfOneProcess()]);
    const lock = { name: 'work', ttlMs: 300, waitMaxMs: 0 };
    const outcome = await first.tryRun(lock, async () => {
      // The work takes longer than the lock's time to live, so the lock is renewed.
      const startMs = performance.now();
      await until('the lock has been renewed', async () => performance.now() - startMs > 600);
      return second.tryRun(lock, async () => 'never');
    });
    expect(outcome).to.deep.equal({ ran: true, value: { ran: false, because: 'held' } });
    expect(await second.tryRun(lock, async () => 'next')).to.deep.equal({ ran: true, value: 'next' });
  });

  it('finds the primary again after a role switch', async () => {
    mayComplain = true;
    const customer = await shop.client(app).newCustomer();
    await redis.makeReadOnly();
    await until('a write is rejected', async () => (await customer.post('/auth/logout')).status === 503);
    await redis.makeWritable();
    await until('sessions are back', async () => (await customer.get('/me')).status === 200);
  });
});
