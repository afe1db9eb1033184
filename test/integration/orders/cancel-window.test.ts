import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { expectProblem } from '../../support/http/expect-problem.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the window in which a customer may cancel', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let cup: string;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    cup = await admin.newProduct({ price: 100, stock: 100 });
  });
  afterEach(async () => expect(await ledgerFaults(shop.database)).to.deep.equal([]));

  /** Places an order and gives it that age. */
  const orderOf = async (customer: HttpClient, ageMs: number): Promise<string> => {
    const { id } = (await customer.postOrder([{ productId: cup, quantity: 1 }])).body;
    await shop.database.write('UPDATE orders SET created_at = created_at - INTERVAL ? SECOND WHERE id = ?', [
      ageMs / 1000,
      uuidBytes(id),
    ]);
    return id as string;
  };
  const cancel = (customer: HttpClient, orderId: string, key = orderId) =>
    customer.post(`/orders/${orderId}/cancel`, undefined, { key });
  const cancelAsAdmin = (orderId: string, reason = 'sent back', key = orderId) =>
    admin.post(`/admin/orders/${orderId}/cancel`, { reason }, { key });
  const rowOf = (orderId: string) =>
    shop.database.read('SELECT * FROM orders WHERE id = ?', [uuidBytes(orderId)]);

  it('ends after seven days, and the rejection states when it ended', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const young = await orderOf(customer, 7 * DAY_MS - 60_000);
    const old = await orderOf(customer, 7 * DAY_MS);
    const before = await rowOf(old);
    expect((await cancel(customer, young)).status).to.equal(200);
    const refused = await cancel(customer, old);
    expectProblem(refused, 409, 'order_not_cancellable');
    const createdAt = Date.parse((await customer.get(`/orders/${old}`)).body.createdAt);
    expect(refused.body).to.deep.include({
      reason: 'window_over',
      cancellableUntil: new Date(createdAt + 7 * DAY_MS).toISOString(),
    });
    expect(await rowOf(old)).to.deep.equal(before);
    expect((await cancel(customer, young, 'another-key')).body.reason).to.equal('already_cancelled');
  });

  it('replays a cancellation after its end', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const order = await orderOf(customer, 0);
    const first = await cancel(customer, order);
    await shop.database.write('UPDATE orders SET created_at = created_at - INTERVAL 8 DAY WHERE id = ?', [
      uuidBytes(order),
    ]);
    const again = await cancel(customer, order);
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).to.deep.equal([
      200,
      first.text,
      'true',
    ]);
  });

  it('is configurable', async () => {
    const never = await shop.start(['api'], { env: { ORDER_CANCEL_WINDOW_S: '0' } });
    const customer = (await shop.client(never).newCustomer(1000)) as HttpClient;
    expect((await cancel(customer, await orderOf(customer, 0))).body.reason).to.equal('window_over');
  });

  it('does not apply to admins, who give a reason; refund and returns happen once', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const order = await orderOf(customer, 30 * DAY_MS);
    const reply = await cancelAsAdmin(order);
    expect(reply.status, reply.text).to.equal(200);
    expect(reply.body).to.include({ id: order, status: 'CANCELLED', refund: 100, balanceAfter: 1000 });
    expect((await customer.get(`/orders/${order}`)).body.status).to.equal('CANCELLED');
    expect(
      await shop.database.value(
        'SELECT COUNT(*) FROM stock_entries WHERE order_id = ? ' +
          "AND reason = 'cancelled by an admin: sent back'",
        [uuidBytes(order)],
      ),
    ).to.equal(1);
    const again = await cancelAsAdmin(order);
    expect([again.text, again.headers.get('idempotent-replayed')]).to.deep.equal([reply.text, 'true']);
    expectProblem(await cancelAsAdmin(order, 'another reason'), 422, 'idempotency_key_reused');
    expect((await cancelAsAdmin(order, 'sent back', 'other')).body).to.include({
      code: 'order_not_cancellable',
      reason: 'already_cancelled',
    });
    expect(app.logs.filter(({ event }) => event === 'order_cancelled_by_admin')).to.have.lengthOf(1);
    // The same key sent by the customer is a different key.
    const next = await orderOf(customer, 0);
    expect((await cancel(customer, next, order)).status).to.equal(200);
  });
});
