import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('placing an order', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  /** Counts the rows that an order may write. */
  const written = async () => {
    const tables = ['orders', 'order_items', 'wallet_entries', 'outbox', 'stock_entries'];
    return Promise.all(tables.map((table) => shop.database.value(`SELECT COUNT(*) FROM ${table}`)));
  };

  it('deducts stock and balance and answers with the order', async () => {
    const cup = await admin.newProduct({ name: 'Cup', price: 300, stock: 5 });
    const pen = await admin.newProduct({ name: 'Pen', price: 40, stock: 9 });
    const customer = await shop.client(app).newCustomer(1000);
    const { status, body } = await customer.postOrder([
      { productId: cup, quantity: 2 },
      { productId: pen, quantity: 1 },
      { productId: cup, quantity: 1 },
    ]);
    expect(status).to.equal(200);
    const { id, createdAt, ...rest } = body;
    expect(rest).to.deep.equal({
      status: 'COMPLETED',
      items: [
        { productId: cup, name: 'Cup', unitPrice: 300, quantity: 3, stockSeq: 2 },
        { productId: pen, name: 'Pen', unitPrice: 40, quantity: 1, stockSeq: 2 },
      ],
      subtotal: 940,
      discount: 0,
      total: 940,
      userCouponId: null,
      balanceAfter: 60,
      balanceSeq: 2,
    });
    expect(Date.parse(createdAt)).to.be.closeTo(Date.now(), 60_000);
    const event = await until('the event on its way', async () => {
      const bodies = await shop.events.peek();
      return bodies.find((body) => body.includes(id as string));
    });
    expect(JSON.parse(event)).to.deep.include({
      specversion: '1.0',
      type: 'rowlock.order.completed.v2',
      id,
      time: createdAt,
      data: {
        userId: customer.userId,
        total: 940,
        lines: [
          { productId: cup, units: 3, revenue: 900 },
          { productId: pen, units: 1, revenue: 40 },
        ],
      },
    });
    expect((await customer.get(`/orders/${id}`)).body).to.deep.equal(body);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('rejects invalid orders, each with its reason, and writes nothing', async () => {
    const cup = await admin.newProduct({ price: 300, stock: 2 });
    const limited = await admin.newProduct({ price: 1, stock: 9, purchaseLimit: 1 });
    const hidden = await admin.newProduct();
    await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [uuidBytes(hidden)]);
    const customer = await shop.client(app).newCustomer(500);
    // Wait for the previous tests' events: their rows are deleted a moment after the answer.
    await until(
      'the outbox is empty',
      async () => (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 0,
    );
    const before = await written();
    const order = (productId: string, quantity: number, rest = {}) => ({
      items: [{ productId, quantity }],
      ...rest,
    });
    const cases: [body: object, status: number, extra: Record<string, unknown>][] = [
      [order(cup, 3), 409, { code: 'out_of_stock', productId: cup, requested: 3, available: 2 }],
      [order(cup, 2), 409, { code: 'insufficient_balance', balance: 500, total: 600 }],
      [order(cup, 1, { expectedTotal: 299 }), 409, { code: 'price_changed', total: 300 }],
      [order(limited, 2), 409, { code: 'purchase_limit_exceeded', productId: limited, limit: 1, held: 0 }],
      [order(hidden, 1), 404, { code: 'product_not_found', productId: hidden }],
      [order('00000000-0000-7000-8000-000000000000', 1), 404, { code: 'product_not_found' }],
    ];
    for (const [body, status, extra] of cases) {
      const reply = await customer.post('/orders', body, { key: 'rejected' });
      expect(reply.status).to.equal(status);
      expect(reply.headers.get('content-type')).to.equal('application/problem+json; charset=utf-8');
      expect(reply.body).to.include(extra);
    }
    expect(await written()).to.deep.equal(before);
    // A rejected attempt leaves its key free.
    expect((await customer.post('/orders', order(cup, 1), { key: 'rejected' })).status).to.equal(200);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('counts earlier purchases towards the purchase limit', async () => {
    const limited = await admin.newProduct({ price: 1, stock: 9, purchaseLimit: 3 });
    const customer = await shop.client(app).newCustomer(500);
    expect((await customer.postOrder([{ productId: limited, quantity: 2 }])).status).to.equal(200);
    const reply = await customer.postOrder([{ productId: limited, quantity: 2 }]);
    expect(reply.body).to.include({ code: 'purchase_limit_exceeded', limit: 3, held: 2 });
    expect((await customer.postOrder([{ productId: limited, quantity: 1 }])).status).to.equal(200);
  });

  it('enforces a purchase limit for ten concurrent orders of one user', async () => {
    const limited = await admin.newProduct({ price: 1, stock: 100, purchaseLimit: 3 });
    const customer = await shop.client(app).newCustomer(500);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => customer.postOrder([{ productId: limited, quantity: 1 }])),
    );
    expect(replies.filter(({ status }) => status === 200)).to.have.lengthOf(3);
  });

  it('returns the same response for the same key, even after a restart', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const customer = await shop.client(app).newCustomer(100);
    const first = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'again' });
    const second = await shop.start(['api']);
    for (const url of [app.url, second.url]) {
      const again = await customer.at(url).postOrder([{ productId: cup, quantity: 1 }], { key: 'again' });
      expect(again.status).to.equal(200);
      expect(again.headers.get('idempotent-replayed')).to.equal('true');
      expect(again.text).to.equal(first.text);
    }
    await second.stop();
    const other = await customer.postOrder([{ productId: cup, quantity: 2 }], { key: 'again' });
    expect(other.status).to.equal(422);
    expect(other.body.code).to.equal('idempotency_key_reused');
    expect((await shop.client(app).get(`/products/${cup}`)).body.stock).to.equal(4);
  });

  it('replays an order even if the product is gone and the money spent', async () => {
    const cup = await admin.newProduct({ price: 100, stock: 1 });
    const customer = await shop.client(app).newCustomer(100);
    const first = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'last' });
    await shop.database.write("UPDATE products SET status = 'INACTIVE', price = 7 WHERE id = ?", [
      uuidBytes(cup),
    ]);
    const again = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'last' });
    expect(again.text).to.equal(first.text);
  });

  it('lets a client that lost its response look up the outcome by key', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const customer = await shop.client(app).newCustomer(100);
    expect((await customer.get('/orders?key=lost')).body).to.deep.equal({ data: [], nextCursor: null });
    const { body } = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'lost' });
    expect((await customer.get('/orders?key=lost')).body).to.deep.equal({ data: [body], nextCursor: null });
  });

  it('lists the orders of the caller, newest first, page by page', async () => {
    const cup = await admin.newProduct({ price: 1, stock: 50 });
    const customer = await shop.client(app).newCustomer(100);
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.push((await customer.postOrder([{ productId: cup, quantity: 1 }])).body.id);
    }
    const first = (await customer.get('/orders?limit=3')).body;
    const second = (await customer.get(`/orders?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.data, ...second.data].map(({ id }: { id: string }) => id)).to.deep.equal(
      ids.toReversed(),
    );
    expect(second.nextCursor).to.equal(null);
  });

  it("hides another user's order as if it did not exist", async () => {
    const cup = await admin.newProduct({ price: 1, stock: 5 });
    const [one, other] = await Promise.all([
      shop.client(app).newCustomer(100),
      shop.client(app).newCustomer(),
    ]);
    const { id } = (await one.postOrder([{ productId: cup, quantity: 1 }])).body;
    const hidden = await other.get(`/orders/${id}`);
    const absent = await other.get('/orders/00000000-0000-7000-8000-000000000000');
    for (const reply of [hidden, absent]) {
      expect(reply.status).to.equal(404);
      expect(reply.body.code).to.equal('order_not_found');
    }
    expect((await admin.get(`/orders/${id}`)).status).to.equal(404);
  });
});
