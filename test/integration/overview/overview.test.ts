import { expect } from 'chai';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis, type RedisStore } from '../../../app/platform/redis/redis.ts';
import { BUCKET_MS, readTraffic, reportOnce } from '../../../app/overview/shared-traffic.ts';
import { trafficReply } from '../../../app/overview/traffic-reply.ts';
import { createTrafficCounts } from '../../../app/overview/traffic-counts.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { createTestRedis } from '../../support/servers/redis.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('the traffic of a fleet', () => {
  let redis: RedisStore;
  let server: Awaited<ReturnType<typeof createTestRedis>>;
  /** The end of a bucket. */
  const END_MS = 1_900_000_000_000;

  beforeEach(async () => {
    server = await createTestRedis();
    redis = openRedis({
      url: server.url,
      role: 'cache',
      log: createLog({ level: 'error', role: 't', stage: 't' }),
    });
    await redis.ready(2000);
  });
  afterEach(async () => {
    await redis.close();
    await server.release();
  });

  const processOf = (processId: string) => {
    const counts = createTrafficCounts();
    const stateOf = () => ({ ordersWaiting: 3, eventsWaiting: 1 });
    return {
      counts,
      reportAt: (nowMs: number) => reportOnce({ redis, counts, processId, nowMs: () => nowMs, stateOf }),
    };
  };
  const read = async (nowMs: number) => {
    const fleet = await readTraffic(redis, nowMs);
    return { fleet, reply: trafficReply(fleet) };
  };

  it('is the sum of what its processes reported, in buckets of the time of the report', async () => {
    const [one, two] = [processOf('one'), processOf('two')];
    one.counts.countOrders(['placed', 'placed', 'out_of_stock']);
    two.counts.countOrders(['placed', 'replayed']);
    one.counts.countAnswer({ status: 200, code: undefined, durationMs: 5 });
    two.counts.countAnswer({ status: 503, code: 'busy_retry', durationMs: 700 });
    two.counts.countAnswer({ status: 500, code: 'internal_error', durationMs: 1 });
    two.counts.countAnswer({ status: 429, code: 'rate_limited', durationMs: 1 });
    // Timers fire a little early or late.
    await one.reportAt(END_MS - 3);
    await two.reportAt(END_MS + 40);
    one.counts.countOrders(['placed']);
    await one.reportAt(END_MS + BUCKET_MS);

    const { fleet, reply } = await read(END_MS + 2.5 * BUCKET_MS);
    expect(reply.buckets).to.have.lengthOf(2);
    expect(reply.buckets[0]).to.deep.include({
      at: new Date(END_MS - BUCKET_MS).toISOString(),
      processes: 2,
      orders: { placed: 3, out_of_stock: 1, replayed: 1 },
      requests: 4,
      shed: 1,
      serverErrors: 1,
      rateLimited: 1,
      p50Ms: 1,
      p99Ms: 768,
    });
    expect(reply.lastMinute).to.deep.include({ knownMs: 2 * BUCKET_MS, ordersPerS: 1, requestsPerS: 1 });
    expect(fleet.processes).to.deep.include({
      id: 'one',
      atMs: END_MS + BUCKET_MS,
      ordersWaiting: 3,
      eventsWaiting: 1,
    });
  });

  it('is unknown, not zero, where nothing was reported', async () => {
    const empty = await read(END_MS);
    expect(empty.reply.buckets).to.deep.equal([]);
    expect(empty.reply.lastMinute).to.deep.include({ knownMs: 0, ordersPerS: null, p99Ms: null });
    const idle = processOf('idle');
    await idle.reportAt(END_MS);
    const known = await read(END_MS + 2.5 * BUCKET_MS);
    expect(known.reply.lastMinute).to.deep.include({ knownMs: BUCKET_MS, ordersPerS: 0 });
  });

  it('forgets processes that are silent, and expires', async () => {
    await processOf('gone').reportAt(END_MS);
    const { fleet } = await read(END_MS + 10 * BUCKET_MS);
    expect(fleet.processes).to.deep.equal([]);
    expect(await server.client.exists('traffic:processes')).to.equal(0);
    for (const key of await server.client.keys('traffic:*')) {
      expect(await server.client.ttl(key), key).to.be.within(1, 600);
    }
  });
});

describe('the overview', () => {
  const shop = useTestShop({ events: 'sqs' });
  let app: AppProcess;
  let admin: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  const overview = async () => (await admin.get('/admin/overview')).body;

  it('shows orders by result, queues, audit and dependencies, each with its time', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 3 });
    const customer = await shop.client(app).newCustomer(1000);
    await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'one' });
    await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'one' });
    await customer.postOrder([{ productId: cup, quantity: 9 }]);
    const body = await until('the orders are reported', async () => {
      const now = await overview();
      const { orders } = now.traffic.value.lastMinute;
      return orders.placed === 1 && orders.replayed === 1 && orders.out_of_stock === 1 ? now : undefined;
    });
    expect(body.traffic.value.lastMinute.requestsPerS).to.be.greaterThan(0);
    expect(body.processes.value).to.have.lengthOf(1);
    expect(body.outbox.value.events).to.be.a('number');
    expect(body.queue.value).to.deep.include({ transport: 'sqs', deadLetters: 0 });
    expect(body.audit.value).to.deep.equal({ lastAt: null, lastFullAt: null, brokenRows: null });
    expect(body.dependencies.value.mysql.status).to.equal('up');
    for (const part of ['traffic', 'processes', 'outbox', 'queue', 'audit', 'dependencies']) {
      expect(Date.parse(body[part].at), part).to.be.within(Date.now() - 60_000, Date.now() + 60_000);
      expect(body[part].unavailable, part).to.equal(null);
    }
  });

  it('is 304 while it is the same', async () => {
    const first = await admin.get('/admin/overview');
    const headers = { 'If-None-Match': first.headers.get('etag') ?? '' };
    const again = await admin.get('/admin/overview', { headers });
    // A second may have passed between the two requests.
    expect(again.status).to.be.oneOf([200, 304]);
    const changed = await until('it has changed', async () => {
      const reply = await admin.get('/admin/overview', { headers });
      return reply.status === 200 ? reply : undefined;
    });
    expect(changed.headers.get('etag')).to.not.equal(headers['If-None-Match']);
    expect(changed.headers.get('cache-control')).to.equal('no-store');
  });

  it('says that Redis does not respond, instead of zeros, and shows the rest', async () => {
    const proxy = await openFaultProxy(shop.redis.url);
    onCleanup(() => proxy.close());
    const env = { REDIS_CACHE_URL: proxy.through(shop.redis.url) };
    const other = await shop.start(['api'], { env });
    const reader = admin.at(other.url);
    await until(
      'Redis answers',
      async () => (await reader.get('/admin/overview')).body.traffic.value !== null,
    );
    await proxy.refuse();
    const body = await until('Redis is missed', async () => {
      const reply = await reader.get('/admin/overview');
      return reply.body.traffic.value === null ? reply.body : undefined;
    });
    expect(body.traffic).to.deep.include({ value: null, unavailable: 'redisCache' });
    expect(body.processes).to.deep.include({ value: null, unavailable: 'redisCache' });
    expect(body.outbox.value).to.not.equal(null);
    expect(body.dependencies.value.redisCache.status).to.equal('down');
  });
});
