import { expect } from 'chai';
import { adminRoleOf } from '../../../app/http/contract/admin-role.ts';
import type { Route } from '../../../app/http/contract/route.ts';
import { databaseSnapshot, expectUntouched } from '../../support/servers/database-snapshot.ts';
import { useEveryRoute } from '../../support/http/every-route.ts';
import { rawRequest } from '../../support/http/raw-http.ts';
import { routeName } from '../../support/http/route-surface.ts';

/** Other spellings of a path that the app, or a proxy in front of it, might treat as the same path. */
const spellings: Readonly<Record<string, (path: string) => string>> = {
  'a trailing slash': (path) => `${path}/`,
  capitals: (path) => path.toUpperCase(),
  'a percent-encoded letter': (path) =>
    path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  'a double-encoded letter': (path) =>
    path.replace(/[a-z]/, (letter) => `%25${letter.charCodeAt(0).toString(16)}`),
  'a percent-encoded slash': (path) => path.replace(/(?<=.)\//, '%2f'),
  'two slashes': (path) => `/${path}`,
  'a dot': (path) => `/.${path}`,
  'a path with ..': (path) => `/products/..${path}`,
  'a path with encoded ..': (path) => `/products/%2e%2e${path}`,
  'a path parameter': (path) => `${path};x=1`,
  'a fragment': (path) => `${path}%23`,
  'a NUL': (path) => `${path}%00`,
  'a suffix': (path) => `${path}.json`,
  'a whole URL': (path) => `http://127.0.0.1${path}`,
  'another scheme': (path) => `https://admin@shop${path}`,
};

/** Headers that proxies and frameworks have been known to trust. */
const beliefs: readonly Readonly<Record<string, string>>[] = [
  { 'X-HTTP-Method-Override': 'GET' },
  { 'X-Method-Override': 'GET' },
  { 'X-Original-URL': '/healthz' },
  { 'X-Rewrite-URL': '/healthz' },
  { 'X-Forwarded-Uri': '/healthz' },
  { 'X-Forwarded-Prefix': '/products' },
  { 'X-Forwarded-User': 'admin' },
  { 'X-Remote-User': 'admin' },
  { 'X-Role': 'admin' },
  { 'X-Internal': 'true' },
  { 'X-Rowlock-Key-Id': 'storefront1' },
  { 'X-Rowlock-Source-Address': '127.0.0.1' },
  { 'X-Api-Key': 'storefront1' },
  { Referer: 'http://127.0.0.1/admin' },
  { Host: 'localhost' },
];

const isForAdmins = (access: string) => adminRoleOf(access) !== undefined;

describe('every route that requires a session', () => {
  const site = useEveryRoute();
  const { shop } = site;
  let customer: string;
  let closed: readonly Route[];

  before(async () => {
    customer = (await shop.client(site.app).newCustomer(1000)).token;
    closed = site.surface.routes.filter(({ access }) => access === 'user' || isForAdmins(access));
  });

  interface Attempt {
    readonly method?: string;
    readonly target?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }

  /**
   * Sends each attempt without a session and, at an admin's routes, as a customer. Whatever the answer is, it
   * is not a success and changes nothing.
   */
  async function nobodyGetsIn(attempts: (route: Route) => readonly Attempt[]): Promise<void> {
    const before = await databaseSnapshot(shop.database);
    let count = 0;
    for (const route of closed) {
      const tokens = isForAdmins(route.access) ? [undefined, customer] : [undefined];
      for (const token of tokens) {
        for (const attempt of attempts(route)) {
          const {
            method = route.method.toUpperCase(),
            target = site.samples.target(route),
            headers,
          } = attempt;
          const body =
            site.samples.bodies[routeName(route)] === undefined ? '' : site.samples.bodyText(route);
          const fields = {
            Host: 'shop',
            'Idempotency-Key': 'other-way',
            'If-Match': '*',
            ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
            ...headers,
          };
          const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
          const head = [`${method} ${target} HTTP/1.1`, ...lines].join('\r\n');
          const { status, text } = await rawRequest(site.app.url, head, body);
          expect(status, `${method} ${target} ${JSON.stringify(headers)}: ${text}`).to.be.within(400, 499);
          count += 1;
        }
      }
    }
    console.log(`      ${count} requests`);
    await expectUntouched(shop.database, before);
    expect(site.app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
  }

  it('has no alternative path that admits another caller', async function () {
    await nobodyGetsIn((route) =>
      Object.values(spellings).map((spell) => ({ target: spell(site.samples.target(route)) })),
    );
  });

  it('has no alternative method that does', async function () {
    await nobodyGetsIn(() =>
      ['OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'GET', 'POST', 'PUT', 'DELETE'].map((method) => ({ method })),
    );
  });

  it('answers HEAD like GET', async () => {
    for (const route of closed.filter(({ method }) => method === 'get')) {
      const target = site.samples.target(route);
      const { status, text } = await shop.client(site.app).request('HEAD', target);
      expect([status, text], target).to.deep.equal([401, '']);
      if (!isForAdmins(route.access)) continue;
      const asCustomer = await shop.client(site.app).withToken(customer).request('HEAD', target);
      expect([asCustomer.status, asCustomer.text], target).to.deep.equal([403, '']);
    }
  });

  it('trusts no header that claims another identity or address', async function () {
    await nobodyGetsIn(() => beliefs.map((headers) => ({ headers })));
  });

  it('accepts a session only from the header and the cookie', async () => {
    const admin = site.samples.token;
    const query = (name: string) => `?${name}=${admin}`;
    await nobodyGetsIn((route) => [
      ...['token', 'access_token', 'session', 'rowlock_session', 'Authorization'].map((name) => ({
        target: `${site.samples.target(route)}${query(name)}`,
        headers: { Authorization: '' },
      })),
      ...['X-Auth-Token', 'X-Session', 'X-Access-Token', 'Session', 'Proxy-Authorization', 'Cart-Token'].map(
        (name) => ({
          headers: { [name]: name.startsWith('Proxy') ? `Bearer ${admin}` : admin, Authorization: '' },
        }),
      ),
      { headers: { Authorization: `Basic ${admin}` } },
      { headers: { Authorization: `Token ${admin}` } },
      { headers: { Authorization: admin } },
      { headers: { Authorization: '', Cookie: `session=${admin}; token=${admin}; rowlock_cart=${admin}` } },
    ]);
  });
});
