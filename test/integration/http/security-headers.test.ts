import { expect } from 'chai';
import { useEveryRoute } from '../../support/http/every-route.ts';
import { sendToRoute } from '../../support/http/expect-refused.ts';
import type { RawReply } from '../../support/http/parse-reply.ts';
import { rawRequest } from '../../support/http/raw-http.ts';
import { routeName } from '../../support/http/route-surface.ts';

/** Routes whose answers caches may keep: the answer is the same for every caller. */
const KEPT = new Set([
  'GET /products',
  'GET /products/:productId',
  'GET /products/popular',
  'GET /openapi.json',
  'GET /docs',
]);

describe('the headers of every response', () => {
  const site = useEveryRoute();
  const { shop } = site;

  /** Expects the headers that every answer must have, and none that an answer must not have. */
  function expectGuarded({ status, headers, text }: RawReply, what: string, kept: boolean): void {
    expect(headers.get('x-content-type-options'), what).to.equal('nosniff');
    expect(headers.get('referrer-policy'), what).to.equal('no-referrer');
    expect(headers.get('x-request-id'), what).to.match(/^[\w-]{8,64}$/);
    const caching = headers.get('cache-control');
    if (kept) expect(caching, what).to.match(/^public, max-age=\d+/);
    else expect(caching, what).to.equal('no-store');
    if (text !== '') expect(headers.get('content-type'), what).to.match(/; charset=utf-8$/);
    if (status === 401 && headers.get('content-type')?.includes('problem') === true) {
      expect(headers.get('www-authenticate'), what).to.equal('Bearer');
    }
    for (const name of headers.keys()) {
      // No header names the software in use, and none lets a page of another origin read the answer.
      expect(name, what).not.to.match(/^(x-powered-by|server|access-control-.*|x-aspnet.*|via)$/);
    }
    const cookie = headers.get('set-cookie');
    if (cookie !== undefined)
      expect(cookie, what).to.match(/; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
    if (headers.get('content-type')?.startsWith('text/html') === true) expectPageGuarded(headers, what);
  }

  function expectPageGuarded(headers: RawReply['headers'], what: string): void {
    const policy = headers.get('content-security-policy') ?? '';
    for (const directive of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]) {
      expect(policy.split('; '), what).to.include(directive);
    }
    expect(policy, what).not.to.match(/unsafe-|\*|https?:|data:/);
    expect(headers.get('x-frame-options'), what).to.equal('DENY');
    expect(headers.get('cross-origin-opener-policy'), what).to.equal('same-origin');
    expect(headers.get('cross-origin-resource-policy'), what).to.equal('same-origin');
    expect(headers.get('permissions-policy'), what).to.match(/camera=\(\)/);
  }

  it('are set on every route for an admin, an anonymous caller and another origin', async () => {
    const origin = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' };
    let pages = 0;
    for (const route of site.surface.routes.toSorted(
      (one, other) => endsSession(one.path) - endsSession(other.path),
    )) {
      const name = routeName(route);
      const body = site.samples.bodies[name] === undefined ? {} : { body: site.samples.bodyText(route) };
      const request = { route, target: site.samples.target(route), ...body };
      for (const [token, headers] of [
        [undefined, {}],
        [site.samples.token, {}],
        [site.samples.token, origin],
      ] as const) {
        const reply = await sendToRoute(site.app, token, { ...request, headers });
        expectGuarded(reply, `${name} ${reply.status}`, KEPT.has(name) && reply.status < 400);
        if (reply.headers.get('content-type')?.startsWith('text/html') === true) pages += 1;
      }
    }
    expect(pages, 'answers that were pages').to.equal(3);
  });

  it('are set on errors of every kind', async () => {
    const refused: Readonly<Record<string, string>> = {
      'an unknown path': 'GET /nowhere HTTP/1.1\r\nHost: shop',
      'an unsupported method': 'PATCH /products HTTP/1.1\r\nHost: shop',
      'an invalid path': 'GET /%ff HTTP/1.1\r\nHost: shop',
      'no Host': 'GET / HTTP/1.1',
      'an unknown query parameter': 'GET /products?nonsense=1 HTTP/1.1\r\nHost: shop',
      'bytes that are not HTTP': 'nonsense',
      'a header that is too long': `GET / HTTP/1.1\r\nHost: shop\r\nA: ${'a'.repeat(20_000)}`,
      'a preflight of another origin':
        'OPTIONS /orders HTTP/1.1\r\nHost: shop\r\nOrigin: https://evil.example\r\n' +
        'Access-Control-Request-Method: POST',
    };
    for (const [what, head] of Object.entries(refused)) {
      const reply = await rawRequest(site.app.url, head);
      expect(reply.status, what).to.be.within(400, 499);
      expectGuarded(reply, what, false);
    }
    const tooLarge = await rawRequest(
      site.app.url,
      'POST /auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json',
      JSON.stringify({ email: 'a'.repeat(70_000) }),
    );
    expect(tooLarge.status).to.equal(413);
    expectGuarded(tooLarge, 'a body that is too large', false);
  });

  it('are set on requests that a busy shop sheds before all other checks', async () => {
    const busy = await shop.start(['api'], { env: { ORDER_QUEUE_MAX: '1', ORDER_GROUP_MAX: '1' } });
    const { token } = await shop.client(busy).newCustomer(1_000_000);
    const { productId } = site.samples.bodies['POST /cart/items'] as { productId: string };
    const head = 'POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json';
    const send = () =>
      rawRequest(
        busy.url,
        `${head}\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: ${crypto.randomUUID()}`,
        JSON.stringify({ items: [{ productId, quantity: 1 }] }),
      );
    const statuses = new Set<number>();
    for (let rounds = 0; rounds < 20 && !statuses.has(503); rounds += 1) {
      for (const reply of await Promise.all(Array.from({ length: 40 }, send))) {
        statuses.add(reply.status);
        expectGuarded(reply, `a busy shop's ${reply.status}`, false);
      }
    }
    expect([...statuses]).to.include(503);
    await busy.stop();
  });

  it('never redirect outside the shop, whatever the Host header', async () => {
    const reply = await rawRequest(
      site.app.url,
      'GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example',
    );
    expect([reply.status, reply.headers.get('location')]).to.deep.equal([302, '/docs']);
  });

  it('make cookies Secure and bind them to the host with HTTPS', async () => {
    const secure = await shop.start(['api'], { env: { COOKIE_SECURE: 'true' } });
    const visitor = shop.client(secure);
    const own = await visitor.signUp();
    const login = await visitor.post('/auth/login', { email: own.email, password: own.password });
    const session = login.headers.get('set-cookie') ?? '';
    const { productId } = site.samples.bodies['POST /cart/items'] as { productId: string };
    const cart =
      (await visitor.post('/cart/items', { productId, quantity: 1 })).headers.get('set-cookie') ?? '';
    for (const cookie of [session, cart]) {
      expect(cookie).to.match(
        /^__Host-rowlock_\w+=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
    }
    await secure.stop();
  });
});

function endsSession(path: string): number {
  return path.startsWith('/auth/') ? 1 : 0;
}
