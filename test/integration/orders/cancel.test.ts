import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { eventFaults, ledgerFaults, statisticsFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';

describe('cancelling an order', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let other: AppProcess;
  let admin: AdminClient;
  before(async () => {
    [app, other] = await Promise.all([shop.start(['api', 'data-platform']), shop.start(['api'])]);
    admin = await adminClient(shop, app);
  });

  const stockOf = async (productId: string) =>
    (await shop.client(app).get(`/products/${productId}`)).body.stock;

  it('refunds, restocks and removes the sale from the statistics', async () => {
    const cup = await admin.newProduct({ price: 300, stock: 5 });
    const customer = await shop.client(app).newCustomer(1000);
    const order = (await customer.postOrder([{ productId: cup, quantity: 3 }])).body;
    const reply = await customer.post(`/orders/${order.id}/cancel`, undefined, { key: 'cancel-1' });
    expect(reply.status).to.equal(200);
    expect(reply.body).to.deep.include({
      id: order.id,
      status: 'CANCELLED',
      refund: 900,
      balanceAfter: 1000,
      balanceSeq: 3,
    });
    expect(await stockOf(cup)).to.equal(5);
    expect((await customer.get(`/orders/${order.id}`)).body.status).to.equal('CANCELLED');
    const [entry] = (await customer.get('/me/balance/entries?limit=1')).body.data;
    expect(entry).to.include({ kind: 'REFUND', amount: 900, balanceAfter: 1000, orderId: order.id });
    await until('both events counted', async () => {
      return (await shop.database.value('SELECT COUNT(*) FROM processed_events')) === 2;
    });
    expect(
      await shop.database.value('SELECT SUM(units) FROM product_sales_hourly WHERE product_id = ?', [
        uuidBytes(cup),
      ]),
    ).to.equal(0);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
  });

  it('returns the same response for the same key and rejects another key', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const customer = await shop.client(app).newCustomer(100);
    const placed = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'order' });
    const second = (await customer.postOrder([{ productId: cup, quantity: 1 }])).body;
    const path = `/orders/${placed.body.id}/cancel`;
    const first = await customer.post(path, undefined, { key: 'once' });
    const again = await customer.at(other.url).post(path, undefined, { key: 'once' });
    expect(again.text).to.equal(first.text);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect((await customer.post(path, undefined, { key: 'twice' })).body.code).to.equal(
      'order_not_cancellable',
    );
    const elsewhere = await customer.post(`/orders/${second.id}/cancel`, undefined, { key: 'once' });
    expect(elsewhere.status).to.equal(422);
    expect(elsewhere.body.code).to.equal('idempotency_key_reused');
    expect((await customer.post(path)).body.code).to.equal('idempotency_key_missing');
    // The order's key still replays the original response.
    const replayed = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'order' });
    expect(replayed.text).to.equal(placed.text);
  });

  it('has keys separate from those of orders and charges', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const customer = await shop.client(app).newCustomer();
    expect((await customer.charge(100, 'one-key')).status).to.equal(200);
    const order = await customer.postOrder([{ productId: cup, quantity: 1 }], { key: 'one-key' });
    expect(order.status).to.equal(200);
    const cancelled = await customer.post(`/orders/${order.body.id}/cancel`, undefined, { key: 'one-key' });
    expect(cancelled.status).to.equal(200);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('happens once with twenty concurrent cancellations at two processes', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const customer = await shop.client(app).newCustomer(100);
    const order = (await customer.postOrder([{ productId: cup, quantity: 2 }])).body;
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        insistOnBusyMachine(() =>
          customer
            .at(index % 2 ? app.url : other.url)
            .post(`/orders/${order.id}/cancel`, undefined, { key: `key-${index % 5}` }),
        ),
      ),
    );
    const cancelled = replies.filter(({ status }) => status === 200);
    expect(cancelled).to.have.lengthOf(4);
    expect(new Set(cancelled.map(({ text }) => text)).size).to.equal(1);
    const refused = replies.filter(({ body }) => body.code === 'order_not_cancellable');
    expect(refused).to.have.lengthOf(16);
    expect(await stockOf(cup)).to.equal(5);
    expect((await customer.get('/me/balance')).body.balance).to.equal(100);
    await until('the sale and its one cancellation are counted', async () => {
      const faults = [...(await statisticsFaults(shop.database)), ...(await eventFaults(shop.database))];
      return faults.length === 0;
    });
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('is possible for the owner only', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const [customer, stranger] = await Promise.all([
      shop.client(app).newCustomer(100),
      shop.client(app).newCustomer(100),
    ]);
    const order = (await customer.postOrder([{ productId: cup, quantity: 1 }])).body;
    const reply = await stranger.post(`/orders/${order.id}/cancel`, undefined, { key: 'x' });
    expect(reply.body.code).to.equal('order_not_found');
    expect((await customer.get(`/orders/${order.id}`)).body.status).to.equal('COMPLETED');
  });

  it('keeps every chain intact under concurrent orders, charges and adjustments', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 50 });
    const customer = await shop.client(app).newCustomer(500);
    const clients = [customer, customer.at(other.url)];
    await Promise.all(
      clients.map(async (client, side) => {
        for (let round = 0; round < 8; round += 1) {
          const key = `${side}-${round}`;
          const lines = [{ productId: cup, quantity: 1 + (round % 2) }];
          const placed = await insistOnBusyMachine(() => client.postOrder(lines, { key }));
          expect(placed.status).to.equal(200);
          const [cancelled, charged, adjusted] = await Promise.all([
            insistOnBusyMachine(() => client.post(`/orders/${placed.body.id}/cancel`, undefined, { key })),
            insistOnBusyMachine(() => client.charge(5, key)),
            insistOnBusyMachine(() =>
              admin.post(`/admin/products/${cup}/stock-adjustments`, { delta: 1, reason: 'found' }, { key }),
            ),
          ]);
          expect([cancelled.status, charged.status, adjusted.status]).to.deep.equal([200, 200, 200]);
        }
      }),
    );
    expect(await stockOf(cup)).to.equal(66);
    expect((await customer.get('/me/balance')).body.balance).to.equal(580);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });
});
