import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { clockSetBack } from './clock-set-back.ts';
import type { HttpClient, HttpReply } from '../../support/shop/http-client.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { startOwnRedis } from '../../support/servers/own-redis.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('rate limits', () => {
  const shop = useTestShop();
  const start = (env: Readonly<Record<string, string>>) => shop.start(['api'], { env });
  const forwarded = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

  beforeEach(() => shop.redis.flush());

  function expectRefused(reply: HttpReply, policy: string, windowS: number): void {
    expect(reply.status, reply.text).to.equal(429);
    expect(reply.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(reply.body.code).to.equal('rate_limited');
    expect(Number(reply.headers.get('retry-after'))).to.be.within(1, windowS);
    expect(reply.headers.get('ratelimit')).to.match(new RegExp(`^"${policy}";r=0;t=[0-9]+$`));
    expect(reply.headers.get('cache-control')).to.equal('no-store');
  }

  /** Statuses of `count` requests, sent one after another; `send` may alternate between processes. */
  async function statuses(count: number, send: (index: number) => Promise<HttpReply>): Promise<number[]> {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push((await send(index)).status);
    return found;
  }
  const allowedOf = (found: readonly number[]) => found.filter((status) => status !== 429).length;

  describe('per user', () => {
    it('are stated in every response, reject with 429 and reset with their window', async () => {
      const app = await start({ RATE_LIMIT_USER: '5/2' });
      const customer = await shop.client(app).newCustomer();
      for (const left of [4, 3, 2, 1, 0]) {
        const reply = await customer.get('/me');
        expect(reply.status).to.equal(200);
        expect(reply.headers.get('ratelimit-policy')).to.equal('"user";q=5;w=2');
        expect(reply.headers.get('ratelimit')).to.match(new RegExp(`^"user";r=${left};t=[12]$`));
      }
      const refused = await customer.postOrder([]);
      expectRefused(refused, 'user', 2);
      const startMs = performance.now();
      await until('the window has ended', async () => (await customer.get('/me')).status === 200);
      expect(performance.now() - startMs).to.be.lessThan(onThisMachine(4000));
      await app.stop();
    });

    it('reset with their window even if the clock is set back meanwhile', async () => {
      const app = await shop.start(['api'], {
        env: { RATE_LIMIT_USER: '2/2' },
        nodeOptions: clockSetBack(),
      });
      const customer = await shop.client(app).newCustomer();
      expect(await statuses(3, () => customer.get('/me'))).to.deep.equal([200, 200, 429]);
      app.signal('SIGUSR2');
      await until('the clock is set back', async () => {
        const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse' };
        await shop
          .client(app)
          .post('/auth/signup', credentials)
          .catch((cause: unknown) => {
            throw new Error(`the app does not answer:\n${app.tail()}`, { cause });
          });
        return app.logs.some(({ ts }) => Date.parse(String(ts)) < Date.now() - 3_600_000);
      });
      await until('the window has ended', async () => (await customer.get('/me')).status === 200);
      await app.stop();
    });

    it("count all sessions of a user and no other user's", async () => {
      const app = await start({ RATE_LIMIT_USER: '6/60' });
      const client = shop.client(app);
      const { id: _, ...own } = await client.signUp();
      const sessions = [await client.logIn(own), await client.logIn(own)] as const;
      const found = await statuses(10, (index) => (sessions[index % 2] as HttpClient).get('/me'));
      expect(found).to.deep.equal([...Array(6).fill(200), ...Array(4).fill(429)]);
      expect((await (await client.newCustomer()).get('/me')).status).to.equal(200);
      await app.stop();
    });

    it('are shared by two processes, to within a tenth', async () => {
      const apps = await Promise.all([1, 2].map(() => start({ RATE_LIMIT_USER: '40/60' })));
      const [one, two] = apps as [AppProcess, AppProcess];
      const customer = await shop.client(one).newCustomer();
      const found = await statuses(100, (index) => customer.at((index % 2 === 0 ? one : two).url).get('/me'));
      expect(allowedOf(found)).to.be.within(40, 48);
      expect(found.slice(-20)).to.deep.equal(Array(20).fill(429));
      await Promise.all(apps.map((app) => app.stop()));
    });

    it('cost no Redis command besides the session lookup', async () => {
      const redis = await startOwnRedis();
      const app = await start({
        RATE_LIMIT_USER: '600/60',
        REDIS_STATE_URL: redis.url,
        REDIS_CACHE_URL: redis.url,
      });
      const customer = await shop.client(app).newCustomer();
      await customer.get('/me');
      const monitor = await redis.client.monitor();
      onCleanup(() => monitor.disconnect());
      const commands: { name: string; key: string }[] = [];
      monitor.on('monitor', (_time: string, [name = '', key = '']: string[]) =>
        commands.push({ name: name.toLowerCase(), key }),
      );
      await statuses(30, () => customer.get('/me/balance'));
      await redis.client.echo('the end');
      await until('Redis reports the last command', async () => commands.some(({ name }) => name === 'echo'));
      expect(commands.filter(({ name }) => name === 'mget')).to.have.length(30);
      // A process reports its traffic every few seconds, however many requests there are.
      const writes = commands.filter(
        ({ name, key }) => /eval|incr|set$|expire/.test(name) && !key.startsWith('traffic:'),
      );
      expect(writes).to.deep.equal([]);
      await app.stop();
    });
  });

  describe('per address', () => {
    it('count requests without a valid session, but none of a user', async () => {
      const app = await start({ RATE_LIMIT_ADDRESS: '8/60' });
      const customer = await shop.client(app).newCustomer();
      const client = shop.client(app);
      const open = await client.get('/products?limit=1');
      expect(open.status).to.equal(200);
      // A cache may serve this answer to another client.
      expect(open.headers.get('ratelimit')).to.equal(null);
      const wrong = client.withToken('A'.repeat(43));
      const found = await statuses(9, (index) =>
        index % 2 === 0 ? wrong.get('/me') : client.get('/coupons'),
      );
      expect(found).to.deep.equal([401, 200, 401, 200, 401, 200, 401, 429, 429]);
      expectRefused(await client.get('/products/popular'), 'address', 60);
      expect((await customer.get('/me')).status).to.equal(200);
      await app.stop();
    });

    it('count requests without a route', async () => {
      const app = await start({ RATE_LIMIT_ADDRESS: '4/60' });
      const client = shop.client(app);
      const ways = [() => client.get('/nowhere'), () => client.request('PUT', '/products')];
      const found = await statuses(6, (index) => (ways[index % 2] as (typeof ways)[0])());
      expect(found).to.deep.equal([404, 405, 404, 405, 429, 429]);
      expectRefused(await client.get('/nowhere'), 'address', 60);
      await app.stop();
    });

    it('stop Redis lookups of invalid tokens', async () => {
      const redis = await startOwnRedis();
      const env = { RATE_LIMIT_ADDRESS: '5/60', REDIS_STATE_URL: redis.url, REDIS_CACHE_URL: redis.url };
      const [app, other] = await Promise.all([start(env), start(env)]);
      const client = shop.client(app);
      const known = await client.newCustomer();
      const unseen = (await shop.client(other).newCustomer()).at(app.url);
      expect((await known.get('/me')).status).to.equal(200);
      await redis.client.config('RESETSTAT');
      const guess = () => client.withToken(randomBytes(32).toString('base64url'));
      const found = await statuses(40, (index) => guess().get(index % 2 === 0 ? '/me' : '/cart'));
      expect(found).to.deep.equal([...Array(5).fill(401), ...Array(35).fill(429)]);
      const asked = /cmdstat_mget:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1];
      expect(asked).to.equal('5');
      const refused = await guess().get('/me');
      expect(refused.body.code).to.equal('rate_limited');
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
      // Users at this address whom the process already knows continue, and so do users who log in here. A
      // user from another process waits for the window to end.
      expect((await known.get('/me')).status).to.equal(200);
      expect((await (await client.newCustomer()).get('/me')).status).to.equal(200);
      expect((await unseen.get('/me')).status).to.equal(429);
      await Promise.all([app.stop(), other.stop()]);
    });

    it('apply to /status and never to the health checks', async () => {
      const app = await start({ RATE_LIMIT_STATUS: '2/60', RATE_LIMIT_ADDRESS: '2/60' });
      const client = shop.client(app);
      expect(await statuses(4, () => client.get('/status'))).to.deep.equal([200, 200, 429, 429]);
      for (const path of ['/healthz', '/readyz']) {
        expect(await statuses(30, () => client.get(path)), path).to.deep.equal(Array(30).fill(200));
      }
      await app.stop();
    });

    it('are exact for log-ins at two processes', async () => {
      const apps = await Promise.all([1, 2].map(() => start({ RATE_LIMIT_AUTH: '7/60' })));
      const nobody = { email: 'nobody@example.com', password: 'correct horse battery' };
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          shop.client(apps[index % 2] as AppProcess).post('/auth/login', nobody),
        ),
      );
      expect(replies.filter(({ status }) => status === 401)).to.have.lengthOf(7);
      for (const reply of replies) if (reply.status !== 401) expectRefused(reply, 'auth', 60);
      const told = replies.find(({ status }) => status === 401);
      expect(told?.headers.get('ratelimit-policy')).to.equal('"auth";q=7;w=60');
      await Promise.all(apps.map((app) => app.stop()));
    });
  });

  describe('without Redis', () => {
    for (const fault of ['freeze', 'stop'] as const) {
      it(`hold in each process (${fault}), continue from earlier counts and do not delay`, async () => {
        const redis = await startOwnRedis();
        const app = await start({
          REDIS_CACHE_URL: redis.url,
          RATE_LIMIT_AUTH: '5/60',
          RATE_LIMIT_ADDRESS: '20/60',
          RATE_LIMIT_USER: '20/60',
        });
        const client = shop.client(app);
        const customer = await client.newCustomer();
        const nobody = { email: 'nobody@example.com', password: 'correct horse battery' };
        await redis[fault]();
        const startMs = performance.now();
        // The customer's sign-up and log-in used two of the five.
        expect(await statuses(5, () => client.post('/auth/login', nobody))).to.deep.equal([
          401, 401, 401, 429, 429,
        ]);
        expect(allowedOf(await statuses(30, () => client.get('/products?limit=1')))).to.equal(20);
        expect(allowedOf(await statuses(30, () => customer.get('/me')))).to.equal(20);
        // The time covers one Redis timeout of 500 ms and 65 requests.
        expect(performance.now() - startMs).to.be.lessThan(onThisMachine(2500));
        await app.kill();
      });
    }

    it('are shared again when Redis is back', async () => {
      const redis = await startOwnRedis();
      const app = await start({ REDIS_CACHE_URL: redis.url, RATE_LIMIT_AUTH: '1000/60' });
      const nobody = { email: 'nobody@example.com', password: 'correct horse battery' };
      const logIn = () => shop.client(app).post('/auth/login', nobody);
      redis.freeze();
      expect((await logIn()).status).to.equal(401);
      await app.waitForLog('shared_counts_unavailable');
      redis.thaw();
      await until('the process has told Redis', async () => {
        await logIn();
        return app.logs.some(({ event }) => event === 'shared_counts_available');
      });
      expect(await redis.client.keys('rate:auth:*')).to.have.lengthOf(1);
      await app.stop();
    });
  });

  it('that are off neither reject requests nor add headers', async () => {
    const app = await start({});
    const customer = await shop.client(app).newCustomer();
    const reply = await customer.get('/me');
    expect([reply.headers.get('ratelimit'), reply.headers.get('ratelimit-policy')]).to.deep.equal([
      null,
      null,
    ]);
    await app.stop();
  });

  describe('and a forged address', () => {
    const forgeries = Array.from({ length: 8 }, (_, index) => `198.51.100.${index}`);
    const limits = { RATE_LIMIT_ADDRESS: '3/60' };

    it('has no effect without a proxy in front', async () => {
      const app = await start(limits);
      const client = shop.client(app);
      const found = await statuses(8, (index) =>
        client.get('/openapi.json', forwarded(forgeries[index] ?? '')),
      );
      expect(allowedOf(found)).to.equal(3);
      await app.stop();
    });

    const behind: Readonly<Record<string, (forged: string, real: string) => string>> = {
      '1': (forged, real) => `${forged}, ${real}`,
      '2': (forged, real) => `${forged}, 203.0.113.200, ${real}, 10.20.0.9`,
      '127.0.0.0/8,10.20.0.0/16': (forged, real) => `${forged}, 10.20.0.1, ${real}, 10.20.0.8, 10.20.0.9`,
    };
    for (const [trusted, header] of Object.entries(behind)) {
      it(`has no effect behind proxies that are trusted as ${trusted}`, async () => {
        const app = await start({ ...limits, TRUST_PROXY: trusted });
        const client = shop.client(app);
        const send = (forged: string, real: string) =>
          client.get('/openapi.json', forwarded(header(forged, real)));
        const found = await statuses(8, (index) => send(forgeries[index] ?? '', '203.0.113.7'));
        expect(allowedOf(found)).to.equal(3);
        // Other addresses have separate limits, and one IPv6 line shares one limit.
        expect((await send('198.51.100.1', '203.0.113.8')).status).to.equal(200);
        const line = await statuses(8, (index) => send('198.51.100.1', `2001:db8:1:2:${index}::${index}`));
        expect(allowedOf(line)).to.equal(3);
        // Invalid addresses do not count as separate parties either.
        const odd = await statuses(8, (index) => send('198.51.100.1', `unknown-${index}`));
        expect(allowedOf(odd)).to.equal(3);
        await app.stop();
      });
    }

    it('has no effect behind the gateway, with any API key', async () => {
      const app = await start({ ...limits, STOREFRONT_KEY_ID: 'storefront1' });
      const client = shop.client(app);
      const send = (headers: Readonly<Record<string, string>>) => client.get('/openapi.json', { headers });
      const ofClient = { 'X-Rowlock-Key-Id': 'client1', 'X-Rowlock-Source-Address': '203.0.113.7' };
      const asClient = await statuses(8, (index) =>
        send({
          ...ofClient,
          'X-Rowlock-Viewer-Address': forgeries[index] ?? '',
          'X-Forwarded-For': forgeries[index] ?? '',
        }),
      );
      expect(allowedOf(asClient)).to.equal(3);
      const ofShop = { 'X-Rowlock-Key-Id': 'storefront1', 'X-Rowlock-Source-Address': '203.0.113.50' };
      const asVisitor = await statuses(8, (index) =>
        send({
          ...ofShop,
          'X-Rowlock-Viewer-Address': '203.0.113.9',
          'X-Forwarded-For': forgeries[index] ?? '',
        }),
      );
      expect(allowedOf(asVisitor)).to.equal(3);
      // Visitors through one CloudFront edge are separate parties.
      expect((await send({ ...ofShop, 'X-Rowlock-Viewer-Address': '203.0.113.10' })).status).to.equal(200);
      // Two values under one name are ignored: the connection counts instead, and all such requests share it.
      const twice = await statuses(8, (index) =>
        send({ ...ofClient, 'X-Rowlock-Source-Address': `${forgeries[index] ?? ''}, 203.0.113.7` }),
      );
      expect(allowedOf(twice)).to.equal(3);
      await app.stop();
    });
  });
});
