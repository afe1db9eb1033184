import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { useEveryRoute } from '../../support/http/every-route.ts';
import { sendToRoute } from '../../support/http/expect-refused.ts';
import { httpClient, type HttpClient } from '../../support/shop/http-client.ts';
import { routeName } from '../../support/http/route-surface.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';

const CAPITAL_ID = /[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}/g;

// RFC 9562 section 4 writes ids in lower case and reads both cases; Swift writes capitals.
describe('ids in upper case', () => {
  const site = useEveryRoute();
  let customer: HttpClient;
  let productId: string;

  before(async () => {
    customer = await httpClient(site.app.url).newCustomer(100_000);
    productId = site.samples.ids['productId'] ?? '';
  });

  const expectLowerCase = (text: string): void => {
    const ids = text.match(CAPITAL_ID) ?? [];
    expect(ids).to.deep.equal(ids.map((id) => id.toLowerCase()));
  };

  it('are accepted in the path of every route', async () => {
    const withIds = site.surface.routes.filter(({ path }) => path.includes(':'));
    expect(withIds).to.have.length.of.at.least(13);
    for (const route of withIds) {
      const unknown = randomUUID().toUpperCase();
      const reply = await sendToRoute(site.app, site.samples.token, {
        route,
        target: route.path.replaceAll(/:[A-Za-z]+/g, unknown),
        ...(site.surface.bodySchema(route) === undefined ? {} : { body: site.samples.bodyText(route) }),
        headers: {
          'If-Match': '"v1"',
          ...(route.idempotencyKey === undefined ? {} : { 'Idempotency-Key': randomUUID() }),
        },
      });
      expect(reply.status, `${routeName(route)}: ${reply.text}`).to.not.equal(400);
    }
  });

  it('name the same product, which the response has in lower case', async () => {
    const lower = await customer.get(`/products/${productId}`);
    const upper = await customer.get(`/products/${productId.toUpperCase()}`);
    expect(upper.body).to.deep.equal(lower.body);
    expect(upper.headers.get('etag')).to.equal(lower.headers.get('etag'));
  });

  it('name the same order, and form the same request under one key', async () => {
    const items = [{ productId, quantity: 1 }];
    const capitals = [{ productId: productId.toUpperCase(), quantity: 1 }];
    const key = randomUUID();
    const first = await customer.postOrder(capitals, { key });
    expect(first.status, first.text).to.equal(200);
    expectLowerCase(first.text);
    for (const again of [items, capitals]) {
      const replay = await customer.postOrder(again, { key });
      expect(replay.headers.get('idempotent-replayed')).to.equal('true');
      expect(replay.body).to.deep.equal(first.body);
    }
    const shown = await customer.get(`/orders/${first.body.id.toUpperCase()}`);
    expect(shown.body.id).to.equal(first.body.id);
    // An order with two spellings of one product contains that product twice.
    const both = await customer.postOrder([...items, ...capitals]);
    expect(both.status, both.text).to.be.oneOf([200, 400]);
    expect(both.status).to.equal((await customer.postOrder([...items, ...items])).status);
  });

  it('name the same cart line', async () => {
    await customer.post('/cart/items', { productId, quantity: 1 });
    await customer.post('/cart/items', { productId: productId.toUpperCase(), quantity: 1 });
    const put = await customer.request('PUT', `/cart/items/${productId.toUpperCase()}`, {
      body: { quantity: 5 },
    });
    expect(put.body.lines).to.have.lengthOf(1);
    expect(put.body.lines[0]).to.include({ productId, quantity: 5 });
    const removed = await customer.request('DELETE', `/cart/items/${productId.toUpperCase()}`);
    expect(removed.body.lines).to.deep.equal([]);
  });

  it('name the same coupon', async () => {
    const couponId = await insertCoupon(site.shop.database);
    const issued = await customer.post(`/coupons/${couponId.toUpperCase()}/issue`);
    expect(issued.status, issued.text).to.be.within(200, 201);
    expectLowerCase(issued.text);
    const again = await customer.post(`/coupons/${couponId}/issue`);
    expect(again.body.code).to.equal('coupon_already_issued');
    const order = await customer.request('POST', '/orders', {
      body: { items: [{ productId, quantity: 1 }], userCouponId: issued.body.id.toUpperCase() },
      key: randomUUID(),
    });
    expect(order.body.code ?? order.status, order.text).to.be.oneOf([200, 'coupon_not_usable']);
  });
});
