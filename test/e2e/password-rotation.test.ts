import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import { createCustomers } from '../support/shop/create-customers.ts';
import { httpClient, type HttpReply } from '../support/shop/http-client.ts';
import { eventFaults, ledgerFaults, statisticsFaults } from '../support/shop/ledger-faults.ts';
import { type RotatingLogin, rotatingLogin } from './rotating-login.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { until } from '../support/until.ts';

const CUSTOMERS = 12;
/** Minimum number of orders that succeed between two changes of the login. */
const ORDERS_BETWEEN = 150;

// Secrets Manager's rotation leaves the previous user valid until the next rotation. This test locks that
// user out at once, in three ways, and ends its connections. Orders can continue only if the process reads
// the secret again.
describe('a rotation of the database password while orders are placed', () => {
  const shop = useTestShop();
  let login: RotatingLogin;

  before(async () => {
    login = await rotatingLogin(shop.database);
  });

  it('fails no order and no page, and each process reads the secret once', async function () {
    // An order waits for the new login as long as for a place in the queue; a busy machine takes longer.
    const env = {
      ...login.env,
      DATABASE_URL: login.url,
      ORDER_WAIT_MAX_MS: String(Math.min(5000, onThisMachine(1000))),
    };
    const apis = await Promise.all([shop.start(['api'], { env }), shop.start(['api'], { env })]);
    const others = await Promise.all([
      shop.start(['worker'], { env }),
      shop.start(['data-platform'], { env }),
    ]);
    const processes = apis.length + others.length;
    const admin = await adminClient(shop, apis[0]);
    const products = [
      await admin.newProduct({ price: 10, stock: 1_000_000 }),
      await admin.newProduct({ price: 20, stock: 1_000_000 }),
    ];
    const customers = await createCustomers(shop, CUSTOMERS, 100_000_000);

    const stopping = new AbortController();
    const failures: string[] = [];
    const acknowledged: string[] = [];
    const note = (what: string, { status, text, body }: HttpReply) => {
      if (status !== 200) failures.push(`${what}: ${status} ${text}`);
      else if (what === 'order') acknowledged.push(body.id);
    };
    const buying = customers.map(async ({ token }, index) => {
      const client = httpClient(apis[index % 2]?.url ?? '', token);
      for (let turn = index; !stopping.signal.aborted; turn += 1) {
        const items = [{ productId: products[turn % 2] ?? '', quantity: 1 }];
        // No retries: a failure is recorded as a failure.
        note('order', await client.postOrder(items));
        if (turn % 4 === 0) note('page', await client.get('/products?limit=5'));
      }
    });
    const moreOrders = async () => {
      const count = acknowledged.length;
      await until('orders go on', () => acknowledged.length >= count + ORDERS_BETWEEN);
    };

    try {
      await moreOrders();
      for (const how of ['lock', 'drop', 'new password', 'lock'] as const) {
        const readsBefore = login.reads.length;
        const { before, now } = await login.rotate();
        await login.shutOut(before, how);
        await moreOrders();
        await until(`${now} alone is connected`, async () => (await login.connections(before)) === 0);
        expect(await login.connections(now)).to.be.at.least(apis.length);
        // Once each; on a busy machine a second time, when the first read is a second old.
        expect(login.reads.length - readsBefore, how).to.be.within(1, onThisMachine(processes));
      }
    } finally {
      stopping.abort();
      await Promise.all(buying);
    }

    const reasons = failures.flatMap((failure) =>
      apis.flatMap(({ logs }) =>
        logs
          .filter(({ requestId }) => failure.includes(String(requestId)))
          .map((line) => JSON.stringify(line)),
      ),
    );
    expect(failures, reasons.join('\n')).to.deep.equal([]);
    expect(await shop.database.value('SELECT COUNT(*) FROM orders')).to.equal(acknowledged.length);
    const [last] = acknowledged.slice(-1);
    expect(
      await shop.database.value('SELECT COUNT(*) FROM orders WHERE id = ?', [uuidBytes(last ?? '')]),
    ).to.equal(1);
    await until(
      'every event counted',
      async () =>
        (await shop.database.value('SELECT COUNT(*) FROM processed_events')) === acknowledged.length,
      { timeoutMs: 30_000 },
    );
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    await Promise.all([...apis, ...others].map((app) => app.stop()));
  });

  it('causes 503 until the secret holds a valid password, read at most once per second', async () => {
    const env = { ...login.env, DATABASE_URL: login.url };
    // The first login is no longer valid, and the one in the secret is locked out now.
    const app = await shop.start(['api'], { env });
    await login.shutOut(login.user(), 'new password');
    const readsBefore = login.reads.length;
    const startedMs = Date.now();
    const client = shop.client(app);
    for (let round = 0; round < 5; round += 1) {
      const replies = await Promise.all(Array.from({ length: 10 }, () => client.get('/products?limit=1')));
      for (const { status, body } of replies) {
        expect([status, body.code]).to.deep.equal([503, 'dependency_unavailable']);
      }
    }
    const secondsMax = Math.ceil((Date.now() - startedMs) / 1000);
    expect(login.reads.length - readsBefore).to.be.within(1, secondsMax + 1);

    await login.rotate();
    await until(
      'the app serves the catalogue again',
      async () => (await client.get('/products?limit=1')).status === 200,
    );
    await app.stop();
  });
});
