import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createRowlockClient, RowlockProblem } from 'rowlock/client';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('the typed client', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  /** A customer with a balance, whose requests pass through `send`. */
  const customer = async (send: typeof fetch = fetch) => {
    let token: string | undefined;
    const client = createRowlockClient({ baseUrl: app.url, token: () => token, fetch: send });
    const body = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    await client.call('signUp', { body });
    ({ token } = await client.call('logIn', { body }));
    await client.call('chargeBalance', { body: { amount: 10_000 } });
    return client;
  };
  const ordersOf = (key: string) =>
    shop.database.value('SELECT COUNT(*) FROM orders WHERE idempotency_key = ?', [key]);

  it('places an order once although the answer is lost, and twice by two calls', async () => {
    const productId = await admin.newProduct({ price: 100, stock: 10 });
    let lost = 0;
    const client = await customer(async (input, init) => {
      const reply = await fetch(input, init);
      if (input !== `${app.url}/orders` || init?.method !== 'POST' || lost > 0) return reply;
      lost += 1;
      throw new TypeError('the connection broke after the request');
    });
    const key = randomUUID();
    const order = await client.call('placeOrder', { body: { items: [{ productId, quantity: 2 }] }, key });
    expect(lost).to.equal(1);
    expect(order.total).to.equal(200);
    expect(await ordersOf(key)).to.equal(1);
    const again = await client.call('placeOrder', { body: { items: [{ productId, quantity: 2 }] } });
    expect(again.id).not.to.equal(order.id);
    expect((await client.call('readBalance')).balance).to.equal(9600);
  });

  it('gives the code of a refusal, and does not repeat it', async () => {
    let requests = 0;
    const client = await customer((input, init) => {
      requests += 1;
      return fetch(input, init);
    });
    const before = requests;
    const productId = await admin.newProduct({ price: 100, stock: 1 });
    const refused = await client.call('placeOrder', { body: { items: [{ productId, quantity: 2 }] } }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(RowlockProblem).and.include({ code: 'out_of_stock', status: 409 });
    expect(requests - before).to.equal(1);
  });

  it('goes through all pages of a list', async () => {
    const productId = await admin.newProduct({ price: 1, stock: 10 });
    const client = await customer();
    const placed: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      placed.push((await client.call('placeOrder', { body: { items: [{ productId, quantity: 1 }] } })).id);
    }
    const listed: string[] = [];
    for await (const order of client.pages('listOrders', { query: { limit: 2 } })) listed.push(order.id);
    expect(listed).to.deep.equal(placed.toReversed());
  });
});
