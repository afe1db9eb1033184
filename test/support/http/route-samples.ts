import type { Route } from '../../../app/http/contract/route.ts';
import { adminClient, makeAdminBySql } from '../shop/admin-client.ts';
import type { AppProcess } from '../shop/app-process.ts';
import { routeName } from './route-surface.ts';
import { newDeadLetter } from '../shop/new-dead-letter.ts';
import type { TestShop } from '../shop/test-shop.ts';
import { until } from '../until.ts';
import { giveCoupon, insertCoupon } from '../shop/user-coupons.ts';

/** Requests that the app accepts, for tests that change one detail. */
export interface RouteSamples {
  /** Session of an admin with a balance; no other client uses it. */
  readonly token: string;
  /** Ids of things that exist, by their names in paths. */
  readonly ids: Readonly<Record<string, string>>;
  /**
   * Accepted bodies by route, such as `POST /orders`. A route with a body but without a sample fails the test
   * of bad input.
   */
  readonly bodies: Readonly<Record<string, unknown>>;
  /** One accepted value for each query parameter of any route. */
  readonly query: Readonly<Record<string, string>>;
  /** The path of a route with ids of things that exist, or with the given segments. */
  target(route: Route, segments?: Readonly<Record<string, string>>): string;
  bodyText(route: Route): string;
}

export async function makeRouteSamples(shop: TestShop, app: AppProcess): Promise<RouteSamples> {
  const admin = await adminClient(shop, app);
  const { id, email, password } = await admin.signUp();
  await shop.database.write("UPDATE users SET role = 'admin' WHERE email = ?", [email]);
  const session = await admin.logIn({ email, password });
  await session.charge(100_000);
  const productId = await admin.newProduct({ price: 100, stock: 1000 });
  const userCouponId = await giveCoupon(shop.database, id, { amount: 1 });
  const couponId = await insertCoupon(shop.database);
  const order = await session.postOrder([{ productId, quantity: 1 }]);
  // The order's event leaves automatically; from here on, only requests change anything.
  await until(
    'the event has left',
    async () => (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 0,
  );
  const image = { contentType: 'image/png', size: 1000, sha256: 'ab'.repeat(32) };
  const announced = await admin.post(`/admin/products/${productId}/images`, image);
  const invited = await session.post('/admin/operators', { email: 'invited@example.com', role: 'viewer' });
  const operator = await admin.signUp();
  await makeAdminBySql(shop.database, operator.id, 'operator');
  const existing: Record<string, string> = {
    productId,
    orderId: order.body.id,
    couponId,
    imageId: announced.body.imageId,
    operatorId: operator.id,
    customerId: id,
    letterId: await newDeadLetter(shop.aws),
  };
  const bodies: Record<string, unknown> = {
    'POST /auth/signup': { email: 'new@example.com', password: 'correct horse' },
    'POST /auth/login': { email, password },
    'POST /auth/invitations/accept': { token: invited.body.token, password: 'correct horse' },
    'POST /admin/customers/:customerId/balance-adjustments': { amount: 1, reason: 'goodwill' },
    'POST /admin/operators': { email: 'operator@example.com', role: 'viewer' },
    'PUT /admin/operators/:operatorId': { role: 'viewer', status: 'ACTIVE' },
    'POST /me/balance/charges': { amount: 10 },
    'POST /orders': { items: [{ productId, quantity: 1 }], userCouponId, expectedTotal: 99 },
    'POST /cart/items': { productId, quantity: 1 },
    'PUT /cart/items/:productId': { quantity: 2 },
    'POST /admin/demo-sale': { buyers: 10, units: 5, overS: 1, naive: false },
    'POST /admin/coupons': {
      name: 'Welcome',
      discount: { kind: 'PERCENT', percent: 10, max: 1000 },
      minimumOrder: 100,
      quantity: 5,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
    },
    'PUT /admin/coupons/:couponId': {
      name: 'Welcome',
      discount: { kind: 'FIXED', amount: 100 },
      minimumOrder: 100,
      quantity: 5,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
      status: 'ACTIVE',
    },
    'POST /admin/orders/:orderId/cancel': { reason: 'sent back' },
    'POST /admin/products': {
      name: 'Cup',
      description: 'A cup.',
      price: 100,
      stock: 5,
      purchaseLimit: 2,
      saleFrom: '2026-01-01T00:00:00Z',
      saleUntil: '2099-01-01T00:00:00Z',
    },
    'PUT /admin/products/:productId': {
      name: 'Cup',
      description: 'A cup.',
      price: 100,
      status: 'ACTIVE',
      purchaseLimit: 2,
    },
    'POST /admin/products/:productId/stock-adjustments': { delta: 1, reason: 'found' },
    'POST /admin/products/:productId/images': image,
  };
  return {
    token: session.token,
    ids: existing,
    bodies,
    query: querySamples({ adminId: id, productId, orderId: order.body.id, email }),
    target: (route, segments = {}) =>
      route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => segments[name] ?? existing[name] ?? name),
    bodyText: (route) => JSON.stringify(bodies[routeName(route)]),
  };
}

/** One accepted value for each query parameter of any route. */
function querySamples(known: {
  readonly adminId: string;
  readonly productId: string;
  readonly orderId: string;
  readonly email: string;
}): Record<string, string> {
  return {
    ...known,
    targetId: known.productId,
    cursor: 'WyJ4Il0',
    limit: '1',
    key: 'some-key',
    method: 'post',
    mode: 'full',
    q: 'cup',
    sort: 'name',
    minPrice: '1',
    maxPrice: '1000',
    inStock: 'true',
    status: 'COMPLETED',
    day: '2026-11-30',
    from: '2026-11-30T00:00:00Z',
    until: '2026-12-01T00:00:00Z',
    action: 'product_created',
  };
}
