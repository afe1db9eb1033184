import { expect } from 'chai';
import { useEveryRoute } from '../../support/http/every-route.ts';
import { routeName } from '../../support/http/route-surface.ts';

/**
 * Fields that rows have and that clients must not set: owner, price, state. If a field has two spellings,
 * both are listed.
 */
const FORBIDDEN: Readonly<Record<string, unknown>> = {
  id: '01900000-0000-7000-8000-000000000000',
  userId: '01900000-0000-7000-8000-000000000000',
  user_id: '01900000-0000-7000-8000-000000000000',
  ownerId: '01900000-0000-7000-8000-000000000000',
  caller: { role: 'admin' },
  role: 'admin',
  isAdmin: true,
  access: 'admin',
  sessionEpoch: 0,
  session_epoch: 0,
  passwordHash: 'scrypt$12$AAAA$AAAA',
  password_hash: 'scrypt$12$AAAA$AAAA',
  balance: 999_999_999,
  balanceAfter: 999_999_999,
  balance_krw: 999_999_999,
  price: 1,
  unitPrice: 1,
  unit_price: 1,
  priceKrw: 1,
  subtotal: 1,
  discount: 1_000_000,
  total: 1,
  status: 'COMPLETED',
  stock: 1_000_000,
  stockSeq: 1,
  quantity: 1_000_000,
  issuedCount: 0,
  issued_count: 0,
  version: 99,
  seq: 99,
  createdAt: '2020-01-01T00:00:00Z',
  announcedBy: '01900000-0000-7000-8000-000000000000',
  objectKey: 'images/somebody-elses.webp',
  key: 'images/somebody-elses.webp',
  idempotencyKey: 'k',
  requestHash: 'h',
};

interface BodySchema {
  readonly properties?: Readonly<Record<string, BodySchema>>;
  readonly anyOf?: readonly BodySchema[];
}

describe('fields that no client may set', () => {
  const site = useEveryRoute();
  const { shop } = site;

  it('are rejected in the body of every route, at every depth, and nothing is stored', async function () {
    const requests = site.surface.routes.flatMap((route) => {
      const schema = site.surface.bodySchema(route);
      if (schema === undefined) return [];
      return bodiesWith(site.samples.bodies[routeName(route)], schema).map(({ what, body }) => ({
        what,
        route,
        target: site.samples.target(route),
        body: JSON.stringify(body),
        codes: ['validation_failed'],
      }));
    });
    await site.allRefused(requests);
  });

  it('are rejected as the body of a route without one', async () => {
    const bodiless = site.surface.routes.filter(
      (route) => route.method !== 'get' && site.surface.bodySchema(route) === undefined,
    );
    await site.allRefused(
      bodiless.flatMap((route) =>
        Object.entries(FORBIDDEN).map(([name, value]) => ({
          what: name,
          route,
          target: site.samples.target(route),
          body: JSON.stringify({ [name]: value }),
          codes: ['validation_failed'],
        })),
      ),
    );
  });

  it('are rejected in the query of every route', async function () {
    await site.allRefused(
      site.surface.routes.flatMap((route) => {
        const body =
          site.surface.bodySchema(route) === undefined ? {} : { body: site.samples.bodyText(route) };
        return Object.keys(FORBIDDEN)
          .filter((name) => !site.surface.queryNames(route).includes(name))
          .map((name) => ({
            what: name,
            route,
            target: `${site.samples.target(route)}?${name}=1`,
            ...body,
            codes: ['validation_failed'],
          }));
      }),
    );
  });

  it('have no effect in a header', async () => {
    const customer = await shop.client(site.app).newCustomer();
    const stranger = await shop.client(site.app).newCustomer(1000);
    const headers = {
      'X-User-Id': stranger.userId,
      'X-Role': 'admin',
      'X-Forwarded-User': stranger.userId,
      'X-Authenticated-User': stranger.userId,
      'X-Rowlock-User-Id': stranger.userId,
    };
    const me = await customer.get('/me', { headers });
    expect(me.body).to.include({ id: customer.userId, role: 'customer' });
    expect((await customer.get('/me/balance', { headers })).body.balance).to.equal(0);
    expect((await customer.get('/admin/products', { headers })).status).to.equal(403);
    expect((await shop.client(site.app).get('/me', { headers })).status).to.equal(401);
  });

  it('are in no schema except where an admin sets them', () => {
    // Fields that an admin may set for a product, a coupon or another admin, and a customer's number of
    // units.
    const known: Readonly<Record<string, readonly string[]>> = {
      'POST /admin/operators': ['role'],
      'PUT /admin/operators/:operatorId': ['role', 'status'],
      'POST /orders': ['quantity'],
      'POST /cart/items': ['quantity'],
      'PUT /cart/items/:productId': ['quantity'],
      'POST /admin/products': ['price', 'stock'],
      'PUT /admin/products/:productId': ['price', 'status'],
      'POST /admin/coupons': ['discount', 'quantity'],
      'PUT /admin/coupons/:couponId': ['discount', 'quantity', 'status'],
    };
    for (const route of site.surface.routes) {
      const schema = site.surface.bodySchema(route);
      const named = schema === undefined ? [] : [...new Set(namesIn(schema))];
      const name = routeName(route);
      expect(
        named.filter((field) => field in FORBIDDEN),
        name,
      ).to.have.members(known[name] ?? []);
    }
  });
});

function namesIn(schema: object): string[] {
  if (Array.isArray(schema)) return schema.flatMap((item) => namesIn(item as object));
  return Object.entries(schema).flatMap(([key, value]) => {
    if (typeof value !== 'object' || value === null) return [];
    return key === 'properties'
      ? [...Object.keys(value), ...Object.values(value).flatMap((item) => namesIn(item as object))]
      : namesIn(value as object);
  });
}

/**
 * Returns copies of the sample with one extra field in one of its objects, for every name that the object
 * does not have.
 */
function bodiesWith(sample: unknown, schema: BodySchema): { what: string; body: unknown }[] {
  const places: { path: (string | number)[]; names: string[] }[] = [];
  const visit = (value: unknown, path: (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) places.push({ path, names: Object.keys(value) });
    for (const [key, item] of Object.entries(value)) {
      visit(item, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  visit(sample, []);
  // Optional fields that the sample leaves out.
  const atTop = Object.keys(schema.properties ?? {});
  return places.flatMap(({ path, names }) =>
    Object.entries(FORBIDDEN)
      .filter(([name]) => !names.includes(name) && !(path.length === 0 && atTop.includes(name)))
      .map(([name, value]) => {
        const body = structuredClone(sample);
        const place = path.reduce((inner, key) => (inner as Record<string | number, unknown>)[key], body);
        (place as Record<string, unknown>)[name] = value;
        return { what: [...path, name].join('.'), body };
      }),
  );
}
