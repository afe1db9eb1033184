import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { cancelledEventId } from '../../../app/events/order-event.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { giveCoupon } from '../../support/shop/user-coupons.ts';

interface Listed {
  readonly id: string;
}

describe('orders that operators look for', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let cup: string;
  let lamp: string;
  let customer: HttpClient & { readonly userId: string };
  let email: string;
  const orders: string[] = [];
  const KEY = 'the-key-of-the-second-order';

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    cup = await admin.newProduct({ price: 100, stock: 100 });
    lamp = await admin.newProduct({ price: 300, stock: 100 });
    const { id: userId, ...credentials } = await shop.client(app).signUp();
    email = credentials.email;
    customer = { ...(await shop.client(app).logIn(credentials)), userId };
    await customer.charge(100_000);
    const other = await shop.client(app).newCustomer(100_000);
    const place = async (by: HttpClient, productId: string, key?: string) => {
      const reply = await by.postOrder([{ productId, quantity: 1 }], key === undefined ? {} : { key });
      orders.push(reply.body.id);
    };
    await place(customer, cup);
    await place(customer, lamp, KEY);
    await place(other, cup);
    await place(other, lamp);
    await place(customer, cup);
    const path = `/admin/orders/${orders[4]}/cancel`;
    await admin.post(path, { reason: 'sent back' }, { key: randomUUID() });
  });

  const list = async (query: string) => (await admin.get(`/admin/orders?${query}`)).body;
  const idsOf = async (query: string) => (await list(query)).data.map(({ id }: Listed) => id);
  const numbered = (...numbers: number[]) => numbers.map((number) => orders[number]);

  it('are found by id, e-mail address, key, product and status, and by several of them', async () => {
    expect(await idsOf('')).to.deep.equal(numbered(4, 3, 2, 1, 0));
    expect(await idsOf(`orderId=${orders[2]}`)).to.deep.equal(numbered(2));
    expect(await idsOf(`email=${email.toUpperCase()}`)).to.deep.equal(numbered(4, 1, 0));
    expect(await idsOf('email=nobody@example.com')).to.deep.equal([]);
    expect(await idsOf(`key=${KEY}`)).to.deep.equal(numbered(1));
    expect(await idsOf(`productId=${lamp}`)).to.deep.equal(numbered(3, 1));
    expect(await idsOf('status=CANCELLED')).to.deep.equal(numbered(4));
    expect(await idsOf(`productId=${cup}&status=COMPLETED`)).to.deep.equal(numbered(2, 0));
    expect(await idsOf(`email=${email}&productId=${cup}`)).to.deep.equal(numbered(4, 0));
    expect(await idsOf(`email=${email}&productId=${lamp}&status=CANCELLED`)).to.deep.equal([]);
    expect(await idsOf(`orderId=${orders[2]}&status=CANCELLED`)).to.deep.equal([]);
    expect(await idsOf(`key=${KEY}&productId=${cup}`)).to.deep.equal([]);
  });

  it('are found by the time at which they arrived', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
    const hour = 3_600_000;
    expect(await idsOf(`from=${ago(hour)}`)).to.have.lengthOf(5);
    expect(await idsOf(`until=${ago(hour)}`)).to.deep.equal([]);
    expect(await idsOf('day=2020-01-01')).to.deep.equal([]);
    // The test may run across midnight.
    const yesterday = ago(24 * hour).slice(0, 10);
    const found = [...(await idsOf(`day=${today}`)), ...(await idsOf(`day=${yesterday}`))];
    expect(found).to.have.lengthOf(5);
    expect((await admin.get('/admin/orders?day=2026-02-30')).status).to.equal(400);
  });

  it('are listed page by page, also where the filters need a look at every order', async () => {
    for (const filter of ['', `email=${email}&productId=${cup}`]) {
      const whole = await idsOf(filter);
      const seen: string[] = [];
      for (let cursor = ''; ; ) {
        const page = await list(`${filter}&limit=1${cursor}`);
        seen.push(...page.data.map(({ id }: Listed) => id));
        if (page.nextCursor === null) break;
        cursor = `&cursor=${page.nextCursor}`;
      }
      expect(seen).to.deep.equal(whole);
    }
  });

  it('are shown with their customer and key', async () => {
    const [order] = (await list(`key=${KEY}`)).data;
    expect(order).to.deep.include({
      customer: { id: customer.userId, email },
      idempotencyKey: KEY,
      status: 'COMPLETED',
      total: 300,
      cancelledAt: null,
    });
    expect(order.items).to.have.lengthOf(1);
  });

  it('are not found by customers, and no filter is logged', async () => {
    expect((await customer.get('/admin/orders')).status).to.equal(403);
    expect((await customer.get(`/admin/orders/${orders[0]}`)).status).to.equal(403);
    const log = JSON.stringify(app.logs);
    expect(log).to.not.include(email).and.not.include(KEY);
  });
});

describe('the trace of an order', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let cup: string;
  let customer: HttpClient & { readonly userId: string };

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    cup = await admin.newProduct({ price: 500, stock: 10 });
    customer = await shop.client(app).newCustomer(10_000);
  });

  const trace = async (id: string) => (await admin.get(`/admin/orders/${id}`)).body;
  const statesOf = async (id: string) =>
    (await trace(id)).events.map(({ type, state }: { type: string; state: string }) => `${type} ${state}`);

  it('shows coupon, ledger, stock, events and cancellation with their sequence numbers', async () => {
    const userCouponId = await giveCoupon(shop.database, customer.userId, { amount: 100 });
    const body = { items: [{ productId: cup, quantity: 2 }], userCouponId };
    const placed = await customer.request('POST', '/orders', { body, key: randomUUID() });
    const { id, balanceSeq, balanceAfter } = placed.body;
    const [{ stockSeq }] = placed.body.items;
    const before = await trace(id);
    expect(before.coupon).to.deep.include({ id: userCouponId, status: 'USED', orderId: id });
    expect(before.ledger).to.have.lengthOf(1);
    expect(before.ledger[0]).to.deep.include({
      seq: balanceSeq,
      kind: 'PAYMENT',
      amount: -900,
      balanceAfter,
    });
    expect(before.stockChanges).to.have.lengthOf(1);
    const sale = { productId: cup, kind: 'SALE', seq: stockSeq, delta: -2, stockAfter: 8 };
    expect(before.stockChanges[0]).to.deep.include(sale);
    expect([before.cancellation, before.cancelledAt]).to.deep.equal([null, null]);

    const key = randomUUID();
    const cancelled = await admin.post(`/admin/orders/${id}/cancel`, { reason: 'sent back' }, { key });
    const after = await trace(id);
    expect(after.status).to.equal('CANCELLED');
    expect(after.coupon).to.deep.include({ status: 'ISSUED', orderId: null });
    const refund = { seq: cancelled.body.balanceSeq, kind: 'REFUND', amount: 900 };
    expect(after.ledger[1]).to.deep.include(refund);
    const restock = { productId: cup, kind: 'RESTOCK', seq: stockSeq + 1, delta: 2, stockAfter: 10 };
    expect(after.stockChanges[1]).to.deep.include(restock);
    expect(after.cancellation).to.deep.equal({
      cancelledAt: cancelled.body.cancelledAt,
      refund: 900,
      by: 'admin',
      reason: 'sent back',
    });
  });

  it('says that a customer cancelled, who gives no reason', async () => {
    const { id } = (await customer.postOrder([{ productId: cup, quantity: 1 }])).body;
    await customer.post(`/orders/${id}/cancel`, undefined, { key: randomUUID() });
    const { cancellation } = await trace(id);
    expect(cancellation).to.deep.include({ by: 'customer', reason: null, refund: 500 });
  });

  it('says where the events are, as far as that is recorded', async () => {
    const { id } = (await customer.postOrder([{ productId: cup, quantity: 1 }])).body;
    await until('the event has left', async () => (await statesOf(id))[0] === 'completed sent');
    await customer.post(`/orders/${id}/cancel`, undefined, { key: randomUUID() });
    await until(
      'both have left',
      async () => (await statesOf(id)).join() === 'completed sent,cancelled sent',
    );

    const eventId = uuidBytes(cancelledEventId(id));
    await shop.database.write(
      `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until, attempts)
       VALUES (?, 'rowlock.order.cancelled.v1', '{}', NOW(3), NOW(3) + INTERVAL 1 HOUR, 3)`,
      [eventId],
    );
    expect((await trace(id)).events[1]).to.deep.include({ state: 'waiting', attempts: 3 });
    await shop.database.write('DELETE FROM outbox WHERE event_id = ?', [eventId]);

    await shop.start(['data-platform']);
    const counted = 'completed counted,cancelled counted';
    await until('both are counted', async () => (await statesOf(id)).join() === counted);
    expect((await trace(id)).events[0].countedAt).to.match(/^20/);

    await shop.database.write('DELETE FROM processed_events');
    await shop.database.write("INSERT INTO inbox_horizon VALUES (1, '2099-01-01')");
    expect(await statesOf(id)).to.deep.equal(['completed forgotten', 'cancelled forgotten']);
    expect((await admin.get(`/admin/orders/${randomUUID()}`)).body.code).to.equal('order_not_found');
  });
});
