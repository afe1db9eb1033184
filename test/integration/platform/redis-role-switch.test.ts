import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis, type RedisStore } from '../../../app/platform/redis/redis.ts';
import { createRedisScript } from '../../../app/platform/redis/redis-script.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { type RedisPair, startRedisPair } from './redis-pair.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const BACK_WITHIN_MS = 3000;
const log = createLog({ level: 'error', role: 'test', stage: 'test' });
const setByScript = createRedisScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SET', KEYS[1], ARGV[1]) end
return redis.call('GET', KEYS[1])`);

describe('a Redis whose primary becomes a replica under open connections', () => {
  describe('for one connection', () => {
    let pair: RedisPair;
    let store: RedisStore;
    beforeEach(async () => {
      pair = await startRedisPair();
      store = openRedis({ url: pair.url, role: 'state', log });
      onCleanup(() => store.close());
      await store.ready(5000);
      await store.run((redis) => redis.set('kept', 'before'));
    });

    const writes: Readonly<Record<string, (redis: Redis) => Promise<unknown>>> = {
      'a plain command': (redis) => redis.set('kept', 'after'),
      'a script': (redis) => setByScript(redis, ['kept'], ['after']),
      'a script sent as text': (redis) => redis.eval(`return redis.call('SET', KEYS[1], 'after')`, 1, 'kept'),
      'commands in one batch': (redis) =>
        Promise.all([redis.get('kept'), redis.set('kept', 'after'), redis.get('kept')]),
      'a pipeline': async (redis) => {
        const results = await redis.pipeline().get('kept').set('kept', 'after').exec();
        for (const [error] of results ?? []) if (error) throw error;
      },
      'a transaction': (redis) => redis.multi().get('kept').set('kept', 'after').exec(),
      'the probe': async () => store.probe(),
    };
    for (const [title, write] of Object.entries(writes)) {
      it(`finds the new primary after ${title} was rejected`, async () => {
        await pair.switchRoles();
        pair.moveName();
        const refusal = await store.run(write).then(
          () => undefined,
          (error: { code: string }) => error.code,
        );
        expect(refusal).to.equal('dependency_unavailable');
        await until('a write succeeds', async () => (await store.run(write), true), {
          timeoutMs: BACK_WITHIN_MS,
        });
        if (title !== 'the probe') expect(await pair.primary.client.get('kept')).to.equal('after');
      });
    }

    it('does not return to the old primary while the name still resolves to it', async () => {
      await pair.switchRoles();
      await store.probe().catch(() => undefined);
      const connectionsToIt = async () => {
        const stats = await pair.replica.client.info('stats');
        return Number(/total_connections_received:(\d+)/.exec(stats)?.[1]);
      };
      const before = await connectionsToIt();
      await until('the name has been looked up again and again', async () => {
        // A replica answers reads with ageing data.
        const answer = await store.run((redis) => redis.get('kept')).catch(() => 'refused');
        expect(answer).to.equal('refused');
        return (await connectionsToIt()) > before + 2;
      });
      pair.moveName();
      await until(
        'the server is the primary again',
        async () => (await store.run((redis) => redis.get('kept'))) === 'before',
        {
          timeoutMs: BACK_WITHIN_MS,
        },
      );
    });

    it('reconnects when the same server becomes the primary again', async () => {
      await pair.switchRoles();
      await store.probe().catch(() => undefined);
      await pair.switchRoles();
      await until('a write succeeds', async () => (await store.probe(), true), { timeoutMs: BACK_WITHIN_MS });
    });
  });

  // Answers of servers in a wrong role or state. The app leaves each server, and returns once it is the right
  // one.
  const states: Readonly<
    Record<string, { enter: (own: OwnRedis) => Promise<unknown>; leave: (own: OwnRedis) => Promise<unknown> }>
  > = {
    'a replica that answers nothing without its primary (MASTERDOWN)': {
      enter: async ({ client }) => {
        await client.config('SET', 'replica-serve-stale-data', 'no');
        await client.replicaof('127.0.0.1', 1);
      },
      leave: ({ client }) => client.replicaof('NO', 'ONE'),
    },
    'a primary cut off from its replicas (NOREPLICAS)': {
      enter: ({ client }) => client.config('SET', 'min-replicas-to-write', '1'),
      leave: ({ client }) => client.config('SET', 'min-replicas-to-write', '0'),
    },
  };
  for (const [title, { enter, leave }] of Object.entries(states)) {
    it(`closes the connection after ${title}`, async () => {
      const [wrong, right] = await Promise.all([startOwnRedis(), startOwnRedis()]);
      const proxy = await openFaultProxy(wrong.url);
      const store = openRedis({ url: proxy.through(wrong.url), role: 'state', log });
      onCleanup(() => store.close());
      await store.ready(5000);
      await enter(wrong);
      await store.run((redis) => redis.set('key', '1')).catch(() => undefined);
      proxy.retarget(right.url);
      await until(
        'it writes elsewhere',
        async () => (await store.run((redis) => redis.set('key', '2')), true),
        {
          timeoutMs: BACK_WITHIN_MS,
        },
      );
      expect(await right.client.get('key')).to.equal('2');
      await leave(wrong);
    });
  }

  describe('for a shop', () => {
    const shop = useTestShop();
    let pair: RedisPair;
    let app: AppProcess;
    let admin: AdminClient;
    let customer: HttpClient;
    let cup: string;
    beforeEach(async () => {
      pair = await startRedisPair();
      app = await shop.start(['api'], { env: { REDIS_STATE_URL: pair.url, REDIS_CACHE_URL: pair.url } });
      admin = await adminClient(shop, app);
      cup = await admin.newProduct({ price: 100, stock: 1000 });
      customer = await shop.client(app).newCustomer(10_000);
      await cartClient(customer).add(cup, 3);
    });
    afterEach(() => app.stop());

    const downs = async () => {
      const { body } = await customer.get('/status');
      const dependencies = Object.entries(body.dependencies as Record<string, { status: string }>);
      return dependencies.flatMap(([name, { status }]) => (status === 'down' ? [name] : []));
    };

    it('restores sessions, carts and log-ins within 3 s, and loses nothing', async () => {
      const { email, password } = await shop.client(app).signUp();
      await pair.switchRoles();
      pair.moveName();
      const sinceMs = performance.now();
      await until('the session is known', async () => (await customer.get('/me')).status === 200);
      await until('the cart takes more', async () => (await cartClient(customer).add(cup, 1)).status === 200);
      expect(performance.now() - sinceMs).to.be.lessThan(onThisMachine(BACK_WITHIN_MS));
      expect((await customer.get('/cart')).body.lines[0]).to.include({ productId: cup, quantity: 4 });
      const logIn = await shop.client(app).post('/auth/login', { email, password });
      expect(logIn.status, logIn.text).to.equal(200);
      expect((await customer.post('/orders', { fromCart: true }, { key: 'of-the-cart' })).status).to.equal(
        200,
      );
      // The cache's client was idle until now: this check itself finds out.
      await until('everything is up', async () => (await downs()).length === 0, {
        timeoutMs: BACK_WITHIN_MS,
      });
      expect(app.logs.filter(({ event }) => event === 'redis_wrong_server')).to.have.lengthOf(2);
    });

    it('is reported as down while it is not writable', async () => {
      await pair.switchRoles();
      expect(await downs()).to.deep.equal(['redisState', 'redisCache']);
      expect((await customer.get('/me')).status).to.equal(503);
      expect(await downs()).to.deep.equal(['redisState', 'redisCache']);
      expect((await customer.get(`/products/${cup}`)).status).to.equal(200);
      pair.moveName();
      await until('everything is up', async () => (await downs()).length === 0, {
        timeoutMs: BACK_WITHIN_MS,
      });
      expect((await customer.get('/me')).status).to.equal(200);
    });

    it('is reported as down while its memory is full', async () => {
      await pair.primary.client.config('SET', 'maxmemory', '1');
      expect(await downs()).to.deep.equal(['redisState', 'redisCache']);
      await pair.primary.client.config('SET', 'maxmemory', '0');
      expect(await downs()).to.deep.equal([]);
      expect(await pair.primary.client.exists('probe')).to.equal(0);
    });
  });
});
