import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { openRawHttp } from '../../support/http/raw-http.ts';
import { lockStock, ordersWait } from '../orders/stock-lock.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('on SIGTERM', () => {
  const shop = useTestShop();
  /** Less than DRAIN_TIMEOUT_MS: the process ends when the work is done. */
  const promptMs = () => Math.min(onThisMachine(2500), 0.9 * Number(shop.env['DRAIN_TIMEOUT_MS']));
  let admin: AdminClient;
  let cup: string;

  before(async () => {
    const app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    await shop.events.redeliverSoon();
  });

  beforeEach(async () => {
    cup = await admin.newProduct({ price: 100, stock: 100 });
  });

  const ended = async (app: AppProcess) => {
    const startMs = performance.now();
    expect(await app.exited, app.tail()).to.deep.equal({ code: 0, signal: null });
    return performance.now() - startMs;
  };

  it('finishes accepted orders, rejects new ones, fails /readyz and exits with 0', async () => {
    // Two lanes, so that both orders are at the database and neither is in the queue.
    const app = await shop.start(['api', 'worker', 'data-platform'], { env: { ORDER_LANES: '2' } });
    const customer = await shop.client(app).newCustomer(1000);
    const idle = await openRawHttp(app.url);
    idle.write('GET /readyz HTTP/1.1\r\nHost: shop\r\n\r\n');
    expect((await idle.reply()).status).to.equal(200);
    const halfway = await openRawHttp(app.url);
    halfway.write('GET /readyz HTTP/1.1\r\nHost: shop\r\n');
    const lock = await lockStock(shop.database, cup);
    const busy = await openRawHttp(app.url);
    const body = JSON.stringify({ items: [{ productId: cup, quantity: 2 }] });
    busy.write(
      `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer.token}\r\n` +
        `Idempotency-Key: ${randomUUID()}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const order = customer.postOrder([{ productId: cup, quantity: 3 }]);
    await ordersWait(shop.database, cup, 2);

    app.signal('SIGTERM');
    await app.waitForLog('draining');
    halfway.write('\r\n');
    const notReady = await halfway.reply();
    expect(notReady.status).to.equal(503);
    expect(notReady.headers.get('connection')).to.equal('close');
    expect(JSON.parse(notReady.text)).to.include({ code: 'dependency_unavailable', status: 503 });
    await until('the idle connection is closed', () => idle.closed);
    const refused = await openRawHttp(app.url).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(refused).to.equal('ECONNREFUSED');

    await lock.release();
    const placed = await order;
    expect(placed.status, placed.text).to.equal(200);
    const alsoPlaced = await busy.reply();
    expect(alsoPlaced.status, alsoPlaced.text).to.equal(200);
    // The client keeps the connection open; this must not keep the process alive.
    expect(await ended(app)).to.be.lessThan(promptMs());
    const stock = await shop.database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [
      uuidBytes(cup),
    ]);
    expect(stock).to.equal(95);
    expect(app.logs.some(({ event }) => event === 'stopped')).to.equal(true);
    expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('answers both of two orders on one connection', async () => {
    const app = await shop.start(['api']);
    const customer = await shop.client(app).newCustomer(1000);
    const lock = await lockStock(shop.database, cup);
    const connection = await openRawHttp(app.url);
    const body = JSON.stringify({ items: [{ productId: cup, quantity: 2 }] });
    const request = (key: string) =>
      `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer.token}\r\n` +
      `Idempotency-Key: ${key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    connection.write(`${request('one')}${request('two')}`);
    await ordersWait(shop.database, cup, 1);
    app.signal('SIGTERM');
    await app.waitForLog('draining');
    await lock.release();
    expect((await connection.reply()).status).to.equal(200);
    const second = await connection.reply();
    expect(second.status, second.text).to.equal(200);
    expect(second.headers.get('connection')).to.equal('close');
    expect(await ended(app)).to.be.lessThan(promptMs());
  });

  // Node handles a request with an unknown expectation on a different path.
  for (const expectation of ['100-continue', 'wonders']) {
    it(`answers a request that expects ${expectation} and arrives meanwhile, and earlier ones`, async () => {
      const app = await shop.start(['api'], { env: { ORDER_LANES: '2' } });
      const customer = await shop.client(app).newCustomer(1000);
      const halfway = await openRawHttp(app.url);
      halfway.write(`GET /products HTTP/1.1\r\nHost: shop\r\nExpect: ${expectation}\r\n`);
      const credentials = '{"email":"nobody@example.com","password":"wrong password"}';
      const withoutBody = await openRawHttp(app.url);
      withoutBody.write(
        `POST /auth/login HTTP/1.1\r\nHost: shop\r\nExpect: ${expectation}\r\n` +
          'Content-Type: application/json\r\n' +
          `Content-Length: ${credentials.length}\r\n\r\n`,
      );
      const lock = await lockStock(shop.database, cup);
      const connection = await openRawHttp(app.url);
      const body = JSON.stringify({ items: [{ productId: cup, quantity: 2 }] });
      const order = (key: string, more = '') =>
        `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer.token}\r\n` +
        `Idempotency-Key: ${key}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
      connection.write(order('one'));
      await ordersWait(shop.database, cup, 1);
      app.signal('SIGTERM');
      await app.waitForLog('draining');
      connection.write(order('two', `Expect: ${expectation}\r\n`));
      await ordersWait(shop.database, cup, 2);
      halfway.write('\r\n');
      withoutBody.write(credentials);
      for (const [alone, status] of [
        [halfway, 200],
        [withoutBody, 401],
      ] as const) {
        const reply = await alone.reply();
        expect(reply.status, reply.text).to.equal(status);
        expect(reply.headers.get('connection')).to.equal('close');
        await until('the connection of the lone request is closed', () => alone.closed);
      }
      await lock.release();
      const replies = [await connection.reply(), await connection.reply()];
      expect(replies.map(({ status }) => status)).to.deep.equal([200, 200]);
      expect(replies.map(({ headers }) => headers.get('connection'))).to.deep.equal(['keep-alive', 'close']);
      expect(await ended(app)).to.be.lessThan(promptMs());
    });
  }

  it('ignores further signals', async () => {
    const app = await shop.start(['api']);
    const customer = await shop.client(app).newCustomer(1000);
    const lock = await lockStock(shop.database, cup);
    const order = customer.postOrder([{ productId: cup, quantity: 1 }]);
    await ordersWait(shop.database, cup, 1);
    app.signal('SIGTERM');
    await app.waitForLog('draining');
    app.signal('SIGTERM');
    app.signal('SIGINT');
    await lock.release();
    expect((await order).status).to.equal(200);
    expect(await ended(app)).to.be.lessThan(promptMs());
    expect(app.logs.filter(({ event }) => event === 'draining')).to.have.lengthOf(1);
  });

  it('does not wait for a connection without a request', async () => {
    const app = await shop.start(['api']);
    const silent = await openRawHttp(app.url);
    // The server has accepted the connection once it answers on a connection opened later.
    expect((await shop.client(app).get('/readyz')).status).to.equal(200);
    app.signal('SIGTERM');
    expect(await ended(app)).to.be.lessThan(promptMs());
    silent.destroy();
  });

  it('closes the connection of a client that does not finish its request', async () => {
    const app = await shop.start(['api'], { env: { DRAIN_TIMEOUT_MS: '500' } });
    const slow = await openRawHttp(app.url);
    slow.write(
      'POST /auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n' +
        'Content-Length: 100\r\n\r\n{',
    );
    // Answered requests on other connections show that the server has read the earlier bytes.
    await until(
      'the server has the head',
      async () => (await shop.client(app).get('/healthz')).status === 200,
    );
    app.signal('SIGTERM');
    expect(await ended(app)).to.be.lessThan(promptMs());
    await until('the slow client is cut off', () => slow.closed);
  });

  for (const role of ['worker', 'data-platform'] as const) {
    it(`ends a ${role} at once, even during a pause or a long poll`, async () => {
      const app = await shop.start([role]);
      app.signal('SIGTERM');
      expect(await ended(app)).to.be.lessThan(promptMs());
    });
  }

  it('leaves no event uncounted when another data platform takes over', async () => {
    const api = await shop.start(['api', 'worker']);
    const customer = await shop.client(api).newCustomer(1000);
    const first = await shop.start(['data-platform']);
    const orders = Array.from({ length: 5 }, () => customer.postOrder([{ productId: cup, quantity: 1 }]));
    await Promise.all(orders);
    first.signal('SIGTERM');
    await shop.start(['data-platform']);
    expect(await ended(first)).to.be.lessThan(promptMs());
    await until('all are counted', async () => {
      const units = await shop.database.value(
        'SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?',
        [uuidBytes(cup)],
      );
      return units === 5;
    });
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });
});
