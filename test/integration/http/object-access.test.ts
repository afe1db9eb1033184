import { expect } from 'chai';
import { newUuid } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { databaseSnapshot, expectUntouched } from '../../support/servers/database-snapshot.ts';
import type { HttpClient, HttpReply } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { giveCoupon, userCouponState } from '../../support/shop/user-coupons.ts';

/** Covers what the routes' matrix does not: ids in bodies, queries and keys. */
describe("another user's data:", () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let cup: string;
  let owner: HttpClient & { userId: string };
  let thief: HttpClient & { userId: string };

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    cup = await admin.newProduct({ price: 100, stock: 1000 });
  });

  beforeEach(async () => {
    [owner, thief] = await Promise.all([
      shop.client(app).newCustomer(10_000),
      shop.client(app).newCustomer(10_000),
    ]);
  });

  /** Expects two answers that a client cannot tell apart. */
  function expectAlike(one: HttpReply, other: HttpReply): void {
    const shown = ({ status, body }: HttpReply) => {
      const { instance: _, traceId: __, ...rest } = body as Record<string, unknown>;
      return { status, rest };
    };
    expect(shown(one)).to.deep.equal(shown(other));
  }

  /**
   * Sends the request with the owner's id and with an unknown id. Expects the same refusal for both, and no
   * change in the database.
   */
  async function expectNothingGained(send: (id: string) => Promise<HttpReply>, id: string, status: number) {
    await until('no event is on its way', async () => (await shop.database.value(EVENTS)) === 0);
    const before = await databaseSnapshot(shop.database);
    const [known, unknown] = [await send(id), await send(newUuid())];
    expect(known.status, known.text).to.equal(status);
    expectAlike(known, unknown);
    await expectUntouched(shop.database, before);
  }

  const EVENTS = 'SELECT COUNT(*) FROM outbox';
  const one = () => [{ productId: cup, quantity: 1 }];

  it('orders cannot be read, cancelled or found by their key, and the key stays free', async () => {
    const key = 'shared-key-1';
    const { body: order } = await owner.postOrder(one(), { key });
    await expectNothingGained((id) => thief.get(`/orders/${id}`), order.id, 404);
    await expectNothingGained((id) => thief.post(`/orders/${id}/cancel`, undefined, { key }), order.id, 404);
    expect((await thief.get(`/orders?key=${key}`)).body.data).to.deep.equal([]);
    expect((await thief.get('/orders')).body.data).to.deep.equal([]);

    // The same key sent by another user is a different key: neither a replay nor a conflict.
    const own = await thief.postOrder([{ productId: cup, quantity: 2 }], { key });
    expect([own.status, own.headers.get('idempotent-replayed')]).to.deep.equal([200, null]);
    expect(own.body.id).not.to.equal(order.id);
    const cancelled = await thief.post(`/orders/${own.body.id}/cancel`, undefined, { key });
    expect(cancelled.status).to.equal(200);
    expect((await owner.get(`/orders/${order.id}`)).body.status).to.equal('COMPLETED');
  });

  it('orders cannot be listed with a cursor', async () => {
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push((await owner.postOrder(one())).body.id);
    const { body: own } = await thief.postOrder(one());
    const replies = await Promise.all(
      [...ids, newUuid()].map((id) =>
        thief.get(`/orders?limit=100&cursor=${Buffer.from(JSON.stringify([id])).toString('base64url')}`),
      ),
    );
    for (const { status, body } of replies) {
      // A cursor of another shape is refused; an accepted cursor is only a position in the list.
      if (status !== 200) expect(body.code).to.equal('validation_failed');
      else for (const order of body.data) expect(order.id).to.equal(own.id);
    }
    for (const id of ids) {
      const page = await thief.get(`/orders?limit=100&cursor=${id}`);
      for (const order of page.body.data ?? []) expect(order.id).to.equal(own.id);
    }
  });

  it('coupons cannot be used, and stay unchanged', async () => {
    const coupon = await giveCoupon(shop.database, owner.userId, { amount: 50 });
    await expectNothingGained(
      (userCouponId) => thief.request('POST', '/orders', { body: { items: one(), userCouponId }, key: 'k' }),
      coupon,
      409,
    );
    await cartClient(thief).add(cup, 1);
    await expectNothingGained(
      (userCouponId) =>
        thief.request('POST', '/orders', { body: { fromCart: true, userCouponId }, key: 'c' }),
      coupon,
      409,
    );
    expect(await userCouponState(shop.database, coupon)).to.deep.equal({
      status: 'ISSUED',
      orderId: undefined,
    });
    expect((await thief.get('/me/coupons')).body.data).to.deep.equal([]);
    expect((await thief.get(`/me/coupons?cursor=${newUuid()}`)).text).not.to.include(coupon);
    const used = await owner.request('POST', '/orders', {
      body: { items: one(), userCouponId: coupon },
      key: 'k',
    });
    expect([used.status, used.body.total]).to.deep.equal([200, 50]);
    // A stranger gets the same answer whether the coupon is used or not.
    await expectNothingGained(
      (userCouponId) => thief.request('POST', '/orders', { body: { items: one(), userCouponId }, key: 'k' }),
      coupon,
      409,
    );
  });

  it('carts cannot be reached from a session with any token', async () => {
    const [ownerCart, guest] = [cartClient(owner), cartClient(shop.client(app))];
    await ownerCart.add(cup, 3);
    await guest.add(cup, 5);
    for (const token of [guest.token ?? '', owner.userId, `{${owner.userId}}`, newUuid()]) {
      const headers = { 'Cart-Token': token };
      expect((await thief.get('/cart', { headers })).body.lines, token).to.deep.equal([]);
      expect((await thief.request('DELETE', '/cart', { headers })).status).to.equal(204);
      await thief.request('DELETE', `/cart/items/${cup}`, { headers });
      const order = await thief.request('POST', '/orders', {
        body: { fromCart: true },
        key: token.slice(0, 40),
        headers,
      });
      expect(order.body.code, token).to.equal('cart_empty');
      const put = await thief.request('POST', '/cart/items', {
        body: { productId: cup, quantity: 1 },
        headers,
      });
      // An answer to a user never contains a guest's token.
      expect([put.status, put.headers.get('cart-token')], token).to.deep.equal([200, null]);
      await cartClient(thief).clear();
    }
    expect(await ownerCart.quantities()).to.deep.equal({ [cup]: 3 });
    expect(await guest.quantities()).to.deep.equal({ [cup]: 5 });
  });

  it('balances and ledgers are not visible', async () => {
    await owner.postOrder(one(), { key: 'shared-key-2' });
    const before = (await owner.get('/me/balance')).body;
    expect((await thief.get('/me/balance')).body.balance).to.equal(10_000);
    expect((await thief.get('/me/balance/entries')).body.data).to.have.lengthOf(1);
    const own = await thief.charge(500, 'shared-key-2');
    expect([own.status, own.body.balanceAfter]).to.deep.equal([200, 10_500]);
    expect((await owner.get('/me/balance')).body).to.deep.equal(before);
  });

  it('images and products off sale look nonexistent to customers', async () => {
    const hidden = await admin.newProduct({ name: 'Not yet' });
    const edited = await admin.request('PUT', `/admin/products/${hidden}`, {
      body: { name: 'Not yet', description: '', price: 100, status: 'INACTIVE', purchaseLimit: null },
      headers: { 'If-Match': '*' },
    });
    expect(edited.status, edited.text).to.equal(200);
    const image = { contentType: 'image/png', size: 1000, sha256: 'ab'.repeat(32) };
    const { body: announced } = await admin.post(`/admin/products/${hidden}/images`, image);
    await expectNothingGained((id) => thief.get(`/products/${id}`), hidden, 404);
    await expectNothingGained((id) => thief.get(`/admin/products/${id}`), hidden, 403);
    await expectNothingGained((id) => thief.get(`/admin/images/${id}`), announced.imageId, 403);
    await expectNothingGained((id) => thief.request('DELETE', `/admin/images/${id}`), announced.imageId, 403);
    const order = await thief.postOrder([{ productId: hidden, quantity: 1 }]);
    expect([order.status, order.body.code]).to.deep.equal([404, 'product_not_found']);
    expect((await thief.get('/products?limit=100')).text).not.to.include(hidden);
    expect((await thief.get('/products?q=yet')).text).not.to.include(hidden);
  });
});
