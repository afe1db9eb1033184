import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Route } from '../../../app/http/contract/route.ts';
import { databaseSnapshot } from '../../support/servers/database-snapshot.ts';
import { useEveryRoute } from '../../support/http/every-route.ts';
import { sendToRoute } from '../../support/http/expect-refused.ts';
import { routeName } from '../../support/http/route-surface.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';

const COPIES = 12;

describe('idempotency keys, on every route that changes something', () => {
  const site = useEveryRoute();
  const unsafe = () => site.surface.routes.filter(({ method }) => method !== 'get');
  const keyed = () => unsafe().filter(({ idempotencyKey }) => idempotencyKey !== undefined);

  const newOrder = async (): Promise<string> => {
    const client = site.shop.client(site.app).withToken(site.samples.token);
    const { productId = '' } = site.samples.ids;
    const reply = await client.postOrder([{ productId, quantity: 1 }]);
    expect(reply.status, reply.text).to.equal(200);
    return reply.body.id as string;
  };
  const bodyOf = (route: Route) =>
    site.samples.bodies[routeName(route)] as Record<string, unknown> | undefined;
  /** A different body for each route that takes a body: the same key must not answer it. */
  const otherBodies: Readonly<Record<string, object>> = {
    'POST /me/balance/charges': { amount: 11 },
    'POST /orders': { expectedTotal: 98 },
    'POST /admin/products': { price: 101 },
    'POST /admin/products/:productId/stock-adjustments': { delta: 2 },
    'POST /admin/products/:productId/images': { size: 1001 },
    'POST /admin/coupons': { quantity: 6 },
    'POST /admin/orders/:orderId/cancel': { reason: 'another one' },
    'POST /admin/customers/:customerId/balance-adjustments': { amount: 2 },
  };

  it('are rejected where they are not honoured, and nothing is changed', async () => {
    const others = unsafe().filter(({ idempotencyKey }) => idempotencyKey === undefined);
    await site.allRefused(
      others.map((route) => ({
        what: 'a key',
        route,
        target: site.samples.target(route),
        headers: { 'Idempotency-Key': randomUUID() },
        ...(bodyOf(route) === undefined ? {} : { body: site.samples.bodyText(route) }),
        codes: ['idempotency_key_not_supported'],
      })),
    );
    // Guard against a list that is empty by mistake.
    expect(
      [others.length, keyed().length].every((count) => count >= 7),
      routeNames(),
    ).to.equal(true);
  });
  /** Leaves out the outbox, which the relay empties in the background. */
  const snapshot = async () => ({ ...(await databaseSnapshot(site.shop.database)), outbox: undefined });
  const routeNames = () => keyed().map(routeName).join(', ');

  it('apply a request once: a repetition is replayed, another request gets 422', async () => {
    for (const route of keyed()) {
      const name = routeName(route);
      const segments: Record<string, string> = route.path.includes(':orderId')
        ? { orderId: await newOrder() }
        : {};
      const headers = { 'Idempotency-Key': randomUUID() };
      const target = site.samples.target(route, segments);
      const send = async (changes: object = {}, to = target) => {
        const fields = bodyOf(route);
        const body = fields === undefined ? undefined : JSON.stringify({ ...fields, ...changes });
        const request = { route, target: to, headers, ...(body === undefined ? {} : { body }) };
        return sendToRoute(site.app, site.samples.token, request);
      };
      const first = await send();
      expect(first.status, `${name}: ${first.text}`).to.be.within(200, 299);
      expect(first.headers.get('idempotent-replayed'), name).to.equal(undefined);
      const before = await snapshot();
      for (const again of await Promise.all(
        Array.from({ length: COPIES }, () => insistOnBusyMachine(send)),
      )) {
        expect([again.status, again.text], name).to.deep.equal([first.status, first.text]);
        expect(again.headers.get('idempotent-replayed'), name).to.equal('true');
        for (const header of ['etag', 'location']) {
          expect(again.headers.get(header), `${name} ${header}`).to.equal(first.headers.get(header));
        }
      }
      const changes = otherBodies[name];
      expect(changes !== undefined || bodyOf(route) === undefined, `no other body for ${name}`).to.equal(
        true,
      );
      const otherTarget = 'orderId' in segments ? await otherOrder(route) : target;
      const afterOther = 'orderId' in segments ? await snapshot() : before;
      const other = await send(changes, otherTarget);
      expect([other.status, JSON.parse(other.text).code], `${name}: ${other.text}`).to.deep.equal([
        422,
        'idempotency_key_reused',
      ]);
      expect(await snapshot(), name).to.deep.equal(afterOther);
    }
  });
  const otherOrder = async (route: Route) => site.samples.target(route, { orderId: await newOrder() });

  it('apply a request once when all its copies arrive together', async () => {
    for (const route of keyed()) {
      const name = routeName(route);
      const segments: Record<string, string> = route.path.includes(':orderId')
        ? { orderId: await newOrder() }
        : {};
      const fields = bodyOf(route);
      const { userCouponId: _, expectedTotal: __, ...body } = fields ?? {};
      const request = {
        route,
        target: site.samples.target(route, segments),
        headers: { 'Idempotency-Key': randomUUID() },
        ...(fields === undefined ? {} : { body: JSON.stringify(body) }),
      };
      const replies = await Promise.all(
        Array.from({ length: COPIES }, () =>
          insistOnBusyMachine(() => sendToRoute(site.app, site.samples.token, request)),
        ),
      );
      expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size, name).to.equal(1);
      const fresh = replies.filter(({ headers }) => headers.get('idempotent-replayed') === undefined);
      expect(fresh.length, name).to.equal(1);
      expect(fresh[0]?.status, `${name}: ${fresh[0]?.text}`).to.be.within(200, 299);
    }
  });

  it('are separate per admin, and a rejected request leaves its key unused', async () => {
    const coupons = keyed().find((route) => routeName(route) === 'POST /admin/coupons') as Route;
    const headers = { 'Idempotency-Key': 'shared' };
    const target = site.samples.target(coupons);
    const body = site.samples.bodyText(coupons);
    const bad = JSON.stringify({ ...bodyOf(coupons), quantity: 0 });
    const send = (token: string, text: string) =>
      sendToRoute(site.app, token, { route: coupons, target, headers, body: text });
    expect((await send(site.samples.token, bad)).status).to.equal(400);
    const first = await send(site.samples.token, body);
    const { email, password } = await site.shop.client(site.app).signUp();
    await site.shop.database.write("UPDATE users SET role = 'admin' WHERE email = ?", [email]);
    const { token } = await site.shop.client(site.app).logIn({ email, password });
    const second = await send(token, body);
    expect([first.status, second.status]).to.deep.equal([201, 201]);
    expect(JSON.parse(first.text).id).not.to.equal(JSON.parse(second.text).id);
  });
});
