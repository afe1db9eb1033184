import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import type { Verdict } from '../../support/servers/proxy-links.ts';
import type { HttpClient, HttpReply } from '../../support/shop/http-client.ts';
import { ledgerFaults, statisticsFaults } from '../../support/shop/ledger-faults.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

/** The app's request deadline is 8 s. */
const ANSWER_MAX_MS = 8500;
/** A Redis command has 500 ms. */
const REDIS_ANSWER_MAX_MS = 2000;
const HEALTH_MAX_MS = 500;
/** A check has 2 s. */
const STATUS_MAX_MS = 3000;

type Dependency = 'mysql' | 'redisState' | 'redisCache' | 'aws';

describe('with dependencies behind a broken network', () => {
  const shop = useTestShop({ events: 'sqs' });
  let proxies: Record<Dependency, FaultProxy>;
  let app: AppProcess;
  let admin: AdminClient;
  let customer: HttpClient;
  let cup: string;

  before(async () => {
    const { DATABASE_URL, REDIS_STATE_URL, AWS_ENDPOINT_URL, ORDER_EVENTS_QUEUE_URL } = shop.env as Record<
      'DATABASE_URL' | 'REDIS_STATE_URL' | 'AWS_ENDPOINT_URL' | 'ORDER_EVENTS_QUEUE_URL',
      string
    >;
    await shop.aws.setVisibilityTimeout(2);
    const [mysql, redisState, redisCache, aws] = await Promise.all([
      openFaultProxy(DATABASE_URL),
      openFaultProxy(REDIS_STATE_URL),
      openFaultProxy(REDIS_STATE_URL),
      openFaultProxy(AWS_ENDPOINT_URL),
    ]);
    proxies = { mysql, redisState, redisCache, aws };
    app = await shop.start(['api', 'worker', 'data-platform'], {
      env: {
        DATABASE_URL: mysql.through(DATABASE_URL),
        REDIS_STATE_URL: redisState.through(REDIS_STATE_URL),
        REDIS_CACHE_URL: redisCache.through(REDIS_STATE_URL),
        AWS_ENDPOINT_URL: aws.through(AWS_ENDPOINT_URL),
        ORDER_EVENTS_QUEUE_URL: aws.through(ORDER_EVENTS_QUEUE_URL),
      },
    });
    admin = await adminClient(shop, app);
  });

  beforeEach(async () => {
    cup = await admin.newProduct({ price: 100, stock: 1000 });
    customer = await shop.client(app).newCustomer(10_000);
  });

  afterEach(async () => {
    for (const proxy of Object.values(proxies)) {
      proxy.watchClient(undefined);
      await proxy.pass();
    }
    await until('everything is up again', async () => (await downs()).length === 0);
  });

  async function downs(): Promise<string[]> {
    const { reply, durationMs } = await timed(() => customer.get('/status'));
    expect(durationMs).to.be.lessThan(onThisMachine(STATUS_MAX_MS));
    const dependencies = Object.entries(reply.body.dependencies as Record<string, { status: string }>);
    const down = dependencies.flatMap(([name, { status }]) => (status === 'down' ? [name] : []));
    expect(reply.status, reply.text).to.equal(down.length === 0 ? 200 : 503);
    if (down.length > 0)
      expect(reply.body).to.include({ code: 'dependency_unavailable', detail: `Down: ${down.join(', ')}.` });
    return down;
  }

  /** Sends /healthz and /readyz repeatedly while `work` runs, and checks each answer. */
  async function whileHealthy<T>(work: () => Promise<T>): Promise<T> {
    const working = new AbortController();
    let looks = 0;
    const watching = (async () => {
      while (!working.signal.aborted) {
        for (const path of ['/healthz', '/readyz']) {
          const { reply, durationMs } = await timed(() => customer.get(path));
          expect(reply.status, path).to.equal(200);
          expect(durationMs, path).to.be.lessThan(onThisMachine(HEALTH_MAX_MS));
        }
        looks += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    // The loop is awaited when the work ends; until then its rejection would be unhandled.
    watching.catch(() => undefined);
    try {
      return await work();
    } finally {
      working.abort();
      await watching;
      expect(looks).to.be.greaterThan(0);
    }
  }

  /** Waits for agreement: an event on its way through the queue is briefly in neither table. */
  const everythingAddsUp = () =>
    until('orders, ledger and events agree', async () => {
      const faults = await ledgerFaults(shop.database);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return true;
    });
  const stockOf = (productId: string) =>
    shop.database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [uuidBytes(productId)]);
  const ordersUnder = (key: string) =>
    shop.database.value('SELECT COUNT(*) FROM orders WHERE idempotency_key = ?', [key]);

  for (const fault of ['blackhole', 'refuse'] as const) {
    it(`answers 503 in time while MySQL is down (${fault}), and sells once afterwards`, async function () {
      const { email, password } = await shop.client(app).signUp();
      const orderKey = randomUUID();
      const chargeKey = randomUUID();
      const order = () => customer.postOrder([{ productId: cup, quantity: 2 }], { key: orderKey });
      const charge = () => customer.post('/me/balance/charges', { amount: 500 }, { key: chargeKey });
      // Log-in reads MySQL; the process caches the session of `customer` for 30 s.
      const requests: Record<string, () => Promise<HttpReply>> = {
        'GET /products': () => customer.get('/products'),
        'GET /products/{id}': () => customer.get(`/products/${cup}`),
        'POST /auth/login': () => customer.post('/auth/login', { email, password }),
        'GET /me/balance': () => customer.get('/me/balance'),
        'POST /me/balance/charges': charge,
        'POST /orders': order,
      };
      expect((await customer.get('/me')).status).to.equal(200);

      await proxies.mysql[fault]();
      await whileHealthy(async () => {
        await Promise.all(
          Object.entries(requests).map(async ([name, send]) => {
            const { reply, durationMs } = await timed(send);
            expectProblem(reply, 503, ['busy_retry', 'dependency_unavailable'], name);
            expect(reply.headers.get('retry-after'), name).to.match(/^[1-9]$/);
            expect(durationMs, name).to.be.lessThan(onThisMachine(ANSWER_MAX_MS));
          }),
        );
        expect(await downs()).to.deep.equal(['mysql']);
      });
      expect(await ordersUnder(orderKey)).to.equal(0);

      await proxies.mysql.pass();
      const sold = await until('the order goes through', async () => {
        const reply = await order();
        return reply.status === 200 && reply;
      });
      const again = await order();
      expect(again.text).to.equal(sold.text);
      expect((await charge()).status).to.equal(200);
      expect((await charge()).headers.get('idempotent-replayed')).to.equal('true');
      expect(await ordersUnder(orderKey)).to.equal(1);
      expect(await stockOf(cup)).to.equal(998);
      expect((await customer.get('/me/balance')).body.balance).to.equal(10_000 - 200 + 500);
      await everythingAddsUp();
    });

    it(`rejects sessions and serves the catalogue while Redis is down (${fault})`, async () => {
      const { email, password } = await shop.client(app).signUp();
      const key = randomUUID();
      const timeoutMs = ANSWER_MAX_MS;
      const needSession: Record<string, () => Promise<HttpReply>> = {
        'GET /me': () => customer.get('/me', { timeoutMs }),
        'GET /me/balance': () => customer.get('/me/balance', { timeoutMs }),
        'GET /orders': () => customer.get('/orders', { timeoutMs }),
        'POST /orders': () => customer.postOrder([{ productId: cup, quantity: 1 }], { key, timeoutMs }),
        'POST /orders fromCart': () => customer.post('/orders', { fromCart: true }, { key, timeoutMs }),
        'GET /cart': () => customer.get('/cart', { timeoutMs }),
        "POST /cart/items, a guest's first": () =>
          customer.withToken(undefined).post('/cart/items', { productId: cup, quantity: 1 }, { timeoutMs }),
        'POST /auth/logout': () => customer.post('/auth/logout', undefined, { timeoutMs }),
        'POST /auth/login': () => customer.post('/auth/login', { email, password }, { timeoutMs }),
        'POST /admin/products': () =>
          admin.post('/admin/products', { name: 'Free', price: 0, stock: 1 }, { timeoutMs }),
      };
      const open = [`/products/${cup}`, '/products?limit=1', '/products/popular', '/openapi.json'];

      await proxies.redisState[fault]();
      await proxies.redisCache[fault]();
      await whileHealthy(async () => {
        await Promise.all(
          Object.entries(needSession).map(async ([name, send]) => {
            const { reply, durationMs } = await timed(send);
            expectProblem(reply, 503, ['dependency_unavailable'], name);
            expect(durationMs, name).to.be.lessThan(onThisMachine(REDIS_ANSWER_MAX_MS));
          }),
        );
        for (const path of open) {
          const { reply, durationMs } = await timed(() => customer.get(path));
          expect(reply.status, path).to.equal(200);
          expect(durationMs, path).to.be.lessThan(onThisMachine(REDIS_ANSWER_MAX_MS));
        }
        // Without a session there is nothing to look up, so the answer is the usual one.
        expectProblem(await customer.withToken(undefined).get('/me'), 401, ['unauthenticated'], 'nobody');
        expect(await downs()).to.deep.equal(['redisState', 'redisCache']);
      });
      expect(await ordersUnder(key)).to.equal(0);

      for (const name of ['redisState', 'redisCache'] as const) await proxies[name].pass();
      await until('the session works again', async () => (await customer.get('/me')).status === 200);
      expect((await needSession['POST /orders']?.())?.status).to.equal(200);
    });

    it(`sells while SQS is down (${fault}), and the event arrives when it is back`, async function () {
      await proxies.aws[fault]();
      const { reply, durationMs } = await timed(() => customer.postOrder([{ productId: cup, quantity: 3 }]));
      expect(reply.status, reply.text).to.equal(200);
      expect(durationMs).to.be.lessThan(onThisMachine(1000));
      const eventId = uuidBytes(reply.body.id as string);
      const waiting = () => shop.database.value('SELECT COUNT(*) FROM outbox WHERE event_id = ?', [eventId]);
      const counted = () =>
        shop.database.value('SELECT COUNT(*) FROM processed_events WHERE event_id = ?', [eventId]);

      await whileHealthy(async () => {
        // A relay tried and failed; the event was not merely left unsent.
        await app.waitForLog(
          'event_send_failed',
          (line) => Date.parse(String(line.ts)) > Date.parse(reply.body.createdAt),
        );
        expect(await downs()).to.have.members(['sqs', 's3']);
      });
      expect([await waiting(), await counted()]).to.deep.equal([1, 0]);

      await proxies.aws.pass();
      await until('the event is counted', async () => (await counted()) === 1, { timeoutMs: 25_000 });
      await until('the outbox is empty', async () => (await waiting()) === 0);
      expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    });
  }

  describe('when the connection breaks around COMMIT', () => {
    const cases: readonly { title: string; verdict: Verdict }[] = [
      { title: 'breaks right before it is sent', verdict: 'cut' },
      { title: 'breaks before its response', verdict: 'forward-then-cut' },
      { title: 'freezes right before it arrives', verdict: 'freeze' },
      { title: 'freezes before its response', verdict: 'forward-then-freeze' },
    ];
    for (const { title, verdict } of cases) {
      it(`the connection ${title}: the order is placed once and acknowledged`, async () => {
        const commits = watchCommits(proxies.mysql, 'INSERT INTO orders', verdict);
        const key = randomUUID();
        const { reply, durationMs } = await timed(() =>
          customer.postOrder([{ productId: cup, quantity: 2 }], { key }),
        );
        expect(reply.status, reply.text).to.equal(200);
        expect(durationMs).to.be.lessThan(onThisMachine(ANSWER_MAX_MS));
        expect(commits.hit).to.equal(1);
        // Not a replay, even if the retry found the order of the first run: it is this request's own order.
        expect(reply.headers.get('idempotent-replayed')).to.equal(null);
        expect(await ordersUnder(key)).to.equal(1);
        expect(await stockOf(cup)).to.equal(998);
        expect((await customer.get('/me/balance')).body.balance).to.equal(9800);
        expect((await customer.get(`/orders/${reply.body.id}`)).text).to.equal(reply.text);
        await everythingAddsUp();
        await app.waitForLog(
          'transaction_retried',
          (line) => line.transaction === 'place_orders' && line.unknown === true,
        );
      });
    }

    it('charges once', async () => {
      const commits = watchCommits(proxies.mysql, 'INSERT INTO wallet_entries', 'forward-then-cut');
      const reply = await customer.charge(70);
      expect(reply.status, reply.text).to.equal(200);
      expect(reply.body.balanceAfter).to.equal(10_070);
      expect(commits.hit).to.equal(1);
      // The retry found the charge of the first run, and no client has received that result before.
      expect(reply.headers.get('idempotent-replayed')).to.equal(null);
      expect((await customer.get('/me/balance')).body.balance).to.equal(10_070);
      await everythingAddsUp();
    });

    it('cancels once, and adjusts a stock once', async () => {
      const order = await customer.postOrder([{ productId: cup, quantity: 2 }]);
      const twice = async (client: HttpClient, path: string, body?: object) => {
        const commits = watchCommits(proxies.mysql, 'INSERT INTO stock_entries', 'forward-then-cut');
        const first = await client.post(path, body, { key: 'once' });
        expect(commits.hit).to.equal(1);
        const second = await client.post(path, body, { key: 'once' });
        expect(second.text).to.equal(first.text);
        return [first, second].map((reply) => [reply.status, reply.headers.get('idempotent-replayed')]);
      };
      const told = [
        [200, null],
        [200, 'true'],
      ];
      expect(await twice(customer, `/orders/${order.body.id}/cancel`)).to.deep.equal(told);
      const adjustments = `/admin/products/${cup}/stock-adjustments`;
      expect(await twice(admin, adjustments, { delta: 5, reason: 'found' })).to.deep.equal(told);
      expect(await stockOf(cup)).to.equal(1005);
      await everythingAddsUp();
    });
  });
});

/**
 * Applies `verdict` to the first COMMIT on a connection that has carried a statement containing `statement`.
 * Other transactions, such as the relay's, do not count.
 */
function watchCommits(proxy: FaultProxy, statement: string, verdict: Verdict): { readonly hit: number } {
  const armed = new Set<number>();
  let hit = 0;
  proxy.watchClient((bytes, connection) => {
    if (bytes.includes(statement)) armed.add(connection);
    // The text of a statement ends its packet; "READ COMMITTED" does not count.
    const isCommit = bytes.toString('latin1').endsWith('COMMIT');
    if (hit > 0 || !isCommit || !armed.has(connection)) return 'forward';
    hit += 1;
    return verdict;
  });
  return {
    get hit() {
      return hit;
    },
  };
}

function expectProblem(reply: HttpReply, status: number, codes: readonly string[], what: string): void {
  expect(reply.status, `${what}: ${reply.text}`).to.equal(status);
  expect(reply.headers.get('content-type'), what).to.match(/^application\/problem\+json/);
  expect(reply.body.status, what).to.equal(status);
  expect(reply.body.code, what).to.be.oneOf([...codes]);
}

async function timed(send: () => Promise<HttpReply>): Promise<{ reply: HttpReply; durationMs: number }> {
  const startMs = performance.now();
  const reply = await send();
  return { reply, durationMs: performance.now() - startMs };
}
