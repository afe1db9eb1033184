import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { formatFaults, type MetricLine } from '../../support/observe/embedded-metric-format.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { lockStock } from '../orders/stock-lock.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const linesOf = (app: AppProcess) =>
  app.logs.filter(({ event }) => event === 'metrics') as unknown as MetricLine[];

/** Sum of a counter over all lines so far. */
const sumOf = (app: AppProcess, name: string) =>
  linesOf(app).reduce((sum, line) => sum + ((line[name] as number | undefined) ?? 0), 0);

/** Waits for a line written from now on whose metric satisfies `isWanted`. */
const later = (app: AppProcess, name: string, isWanted: (value: number) => boolean) => {
  const seen = linesOf(app).length;
  return until(`${name} as wanted`, () =>
    linesOf(app)
      .slice(seen)
      .find((line) => typeof line[name] === 'number' && isWanted(line[name])),
  );
};

describe('the metrics of a running shop', () => {
  const shop = useTestShop({ events: 'sqs' });
  const often = { METRICS_EVERY_MS: '100' };

  it('count orders and requests, in lines of the embedded metric format', async () => {
    const app = await shop.start(['api'], { env: often });
    const admin = await adminClient(shop, app);
    const cup = await admin.newProduct({ price: 10, stock: 3 });
    const customer = await shop.client(app).newCustomer(25);
    const order = (quantity: number, key: string) =>
      customer.postOrder([{ productId: cup, quantity }], { key });
    expect((await order(1, 'one')).status).to.equal(200);
    expect((await order(1, 'one')).status).to.equal(200);
    expect((await order(4, 'many')).body.code).to.equal('out_of_stock');
    expect((await order(2, 'dear')).body.code).to.equal('insufficient_balance');
    await until('the rejected order is counted', () => sumOf(app, 'OrdersRejectedInsufficientBalance') === 1);
    const counts = [
      'OrdersPlaced',
      'OrdersReplayed',
      'OrdersRejectedOutOfStock',
      'HttpServerErrors',
      'RequestsShed',
    ];
    expect(counts.map((name) => sumOf(app, name))).to.deep.equal([1, 1, 1, 0, 0]);
    await until('the event sent', () => sumOf(app, 'PublisherSent') === 1);
    const lines = linesOf(app);
    expect(lines.flatMap((line) => formatFaults(JSON.stringify(line)))).to.deep.equal([]);
    expect(lines[0]).to.include({ Stage: 'test', Role: 'api' });
    expect(lines.flatMap((line) => line.OrderGroupSize ?? [])).to.deep.equal([1, 1, 1, 1]);
    expect(lines.every((line) => typeof line.EventLoopDelay === 'number')).to.equal(true);
    await app.stop();
    expect(sumOf(app, 'HttpRequests')).to.equal(
      app.logs.filter(({ event }) => event === 'http_request').length,
    );
  });

  it('count every request, including successful reads that the log omits', async () => {
    const app = await shop.start(['api'], { env: { ...often, ACCESS_LOG_PERCENT: '0' } });
    const admin = await adminClient(shop, app);
    const cup = await admin.newProduct({ price: 10, stock: 3 });
    const customer = await shop.client(app).newCustomer(25);
    for (let n = 0; n < 20; n += 1) expect((await customer.get('/products')).status).to.equal(200);
    expect((await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'one' })).status).to.equal(
      200,
    );
    expect((await customer.postOrder([{ productId: cup, quantity: 9 }], { key: 'two' })).status).to.equal(
      409,
    );
    expect((await customer.get('/orders/nothing')).status).to.be.within(400, 499);
    await app.stop();
    const lines = app.logs
      .filter(({ event }) => event === 'http_request')
      .map(({ method, path }) => `${String(method)} ${String(path)}`);
    expect(lines).to.not.include('GET /products');
    expect(lines.filter((line) => line === 'POST /orders')).to.have.lengthOf(2);
    expect(lines).to.include('GET /orders/nothing');
    expect(sumOf(app, 'HttpRequests')).to.be.at.least(23);
  });

  it('accompany log lines that state the share of reads that is logged', async () => {
    const app = await shop.start(['api'], { env: { ...often, ACCESS_LOG_PERCENT: '99' } });
    const customer = await shop.client(app).newCustomer(25);
    for (let n = 0; n < 20; n += 1) expect((await customer.get('/products')).status).to.equal(200);
    await app.stop();
    const lines = app.logs.filter(({ event }) => event === 'http_request');
    const reads = lines.filter(({ path }) => path === '/products');
    // One run in 10^40 logs none of the twenty reads.
    expect(reads).to.not.deep.equal([]);
    for (const line of reads) expect(line).to.include({ percent: 99 });
    for (const line of lines.filter(({ method }) => method === 'POST')) {
      expect(line).to.not.have.property('percent');
    }
  });

  it('count lock wait timeouts, and the deadlocks that the server reports', async () => {
    const app = await shop.start(['api'], { env: often });
    const admin = await adminClient(shop, app);
    const cup = await admin.newProduct({ price: 10, stock: 3 });
    const customer = await shop.client(app).newCustomer(25);
    const lock = await lockStock(shop.database, cup);
    const order = customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'waits' });
    await until('a wait ran out', () => sumOf(app, 'LockWaitTimeouts') > 0);
    expect(sumOf(app, 'Deadlocks')).to.equal(0);
    await shop.database.write(
      `CREATE TRIGGER planted_deadlock BEFORE INSERT ON outbox FOR EACH ROW
         SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'planted'`,
    );
    await lock.release();
    await until('a deadlock', () => sumOf(app, 'Deadlocks') > 0);
    await shop.database.write('DROP TRIGGER planted_deadlock');
    await order;
    await app.stop();
  });

  it('show the age of the outbox while the queue is down, and an empty outbox afterwards', async () => {
    const proxy = await openFaultProxy(shop.aws.endpointUrl);
    const env = {
      ...often,
      AWS_ENDPOINT_URL: proxy.through(shop.aws.endpointUrl),
      ORDER_EVENTS_QUEUE_URL: proxy.through(shop.aws.queueUrl),
      RELAY_GRACE_MS: '100',
    };
    const [api, worker] = await Promise.all([shop.start(['api'], { env }), shop.start(['worker'], { env })]);
    const admin = await adminClient(shop, api);
    const cup = await admin.newProduct({ price: 10, stock: 3 });
    const customer = await shop.client(api).newCustomer(100);
    await later(worker, 'OutboxOldestAge', (age) => age === 0);

    await proxy.refuse();
    expect((await customer.postOrder([{ productId: cup, quantity: 1 }])).status).to.equal(200);
    await later(worker, 'OutboxRows', (count) => count === 1);
    const young = await later(worker, 'OutboxOldestAge', (age) => age > 0.2);
    await later(worker, 'OutboxOldestAge', (age) => age > (young.OutboxOldestAge as number) + 0.3);
    await until('a failed send in the counts', () => sumOf(api, 'PublisherFailed') > 0);
    expect(sumOf(worker, 'RelayClaimed')).to.be.greaterThan(0);
    expect(sumOf(worker, 'RelayAcknowledged')).to.equal(0);

    await proxy.pass();
    await later(worker, 'OutboxRows', (count) => count === 0);
    await later(worker, 'OutboxOldestAge', (age) => age === 0);
    await until('the event relayed', () => sumOf(worker, 'RelayAcknowledged') > 0);
    await Promise.all([api.stop(), worker.stop()]);
  });

  it('show drift while a row does not add up', async () => {
    const app = await shop.start(['api', 'worker'], { env: { ...often, AUDIT_EVERY_MS: '100' } });
    const admin = await adminClient(shop, app);
    const cup = await admin.newProduct({ price: 10, stock: 3 });
    await later(app, 'Drift', (drift) => drift === 0);
    const setStock = (quantity: number) =>
      shop.database.write('UPDATE product_stock SET quantity = ? WHERE product_id = ?', [
        quantity,
        uuidBytes(cup),
      ]);
    await setStock(4);
    await later(app, 'Drift', (drift) => drift === 1);
    await setStock(3);
    await later(app, 'Drift', (drift) => drift === 0);
    await app.stop();
  });
});
