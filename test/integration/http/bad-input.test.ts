import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Route } from '../../../app/http/contract/route.ts';
import { useEveryRoute } from '../../support/http/every-route.ts';
import { sendToRoute } from '../../support/http/expect-refused.ts';
import {
  hostileBodies,
  hostilePathSegments,
  hostileQueries,
  hostileQueryValues,
  hostileWholeBodies,
} from '../../support/http/hostile-values.ts';
import { routeName } from '../../support/http/route-surface.ts';

/**
 * Query parameters that accept free text, with the values that are still rejected. A blank search counts as
 * no search.
 */
const FREE_TEXT: Readonly<Record<string, readonly string[]>> = {
  key: ['', '%20', '%00', '%ff', '%'],
  // Of accounts, the beginning of an address.
  email: ['', '%20', '%00', '%ff', '%', 'a'.repeat(255)],
  q: ['%00', '%ff', '%', 'a'.repeat(1001)],
};

describe('bad input', () => {
  const site = useEveryRoute();

  const withBody = () => site.surface.routes.filter((route) => site.surface.bodySchema(route) !== undefined);
  /** A valid body, if the route needs one. */
  const anyBody = (route: Route) =>
    site.surface.bodySchema(route) === undefined ? {} : { body: site.samples.bodyText(route) };

  it('has a sample for every route with a body', () => {
    expect(withBody().map(routeName)).to.have.members(Object.keys(site.samples.bodies));
  });

  it('in any field of a body is rejected', async () => {
    await site.allRefused(
      withBody().flatMap((route) =>
        hostileBodies(site.surface.bodySchema(route) as object, site.samples.bodies[routeName(route)]).map(
          ({ what, json }) => ({
            what,
            route,
            target: site.samples.target(route),
            body: json,
            // A log-in accepts any password and finds it wrong.
            codes: [
              'validation_failed',
              'payload_too_large',
              ...(route.path === '/auth/login' ? ['invalid_credentials'] : []),
            ],
          }),
        ),
      ),
    );
  });

  it('beyond the documented limits is rejected', async () => {
    const limits: Readonly<Record<string, readonly object[]>> = {
      'POST /me/balance/charges': [{ amount: 0 }, { amount: 1_000_001 }, { amount: -1 }],
      'POST /orders': [
        { items: [] },
        { items: Array.from({ length: 51 }, () => ({ productId: randomUUID(), quantity: 1 })) },
        { items: [{ productId: randomUUID(), quantity: 0 }] },
        { items: [{ productId: randomUUID(), quantity: 1001 }] },
      ],
      'POST /auth/signup': [
        { email: 'a@example.com', password: 'seven77' },
        { email: 'a@example.com', password: 'x'.repeat(129) },
      ],
    };
    await site.allRefused(
      site.surface.routes.flatMap((route) =>
        (limits[routeName(route)] ?? []).map((body) => ({
          what: JSON.stringify(body).slice(0, 80),
          route,
          target: site.samples.target(route),
          body: JSON.stringify(body),
          codes: ['validation_failed'],
        })),
      ),
    );
  });

  it('as invalid UTF-8 in any text of a body is rejected', async () => {
    const sequences = ['\xff', '\xc0\x80', '\xed\xa0\x80', '\xe2\x82', '\xf4\x90\x80\x80'];
    await site.allRefused(
      withBody()
        .filter((route) => site.samples.bodyText(route).includes('":"'))
        .flatMap((route) =>
          sequences.map((bytes) => ({
            what: Buffer.from(bytes, 'latin1').toString('hex'),
            route,
            target: site.samples.target(route),
            body: Buffer.from(site.samples.bodyText(route).replace('":"', `":"${bytes}`), 'latin1'),
            codes: ['validation_failed'],
          })),
        ),
    );
  });

  it('as a whole body is rejected', async () => {
    await site.allRefused(
      withBody().flatMap((route) =>
        hostileWholeBodies.map(({ what, bytes }) => ({
          what,
          route,
          target: site.samples.target(route),
          body: bytes,
          codes: ['validation_failed', 'payload_too_large'],
        })),
      ),
    );
  });

  it('as a body of a route without one is rejected', async () => {
    const without = site.surface.routes.filter(
      (route) => route.method !== 'get' && site.surface.bodySchema(route) === undefined,
    );
    await site.allRefused(
      without.flatMap((route) =>
        ['{"unexpected":1}', '{"__proto__":{}}', '[]', '[1]', '{', '{"a":"\xff"}'].map((json) => ({
          what: json,
          route,
          target: site.samples.target(route),
          body: Buffer.from(json, 'latin1'),
          codes: ['validation_failed'],
        })),
      ),
    );
  });

  it('of another content type, charset or encoding is rejected', async () => {
    const types = [
      'text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/problem+json',
      'application/json; charset=utf-16le',
      'application/json; charset=iso-8859-1',
      'application/json; charset=nonsense',
      'application/jsonx',
      'garbage',
      '*/*',
    ];
    await site.allRefused(
      withBody().flatMap((route) => {
        const common = { route, target: site.samples.target(route), codes: ['unsupported_media_type'] };
        const body = site.samples.bodyText(route);
        return [
          ...types.map((type) => ({ ...common, what: type, body, headers: { 'Content-Type': type } })),
          { ...common, what: 'no content type', body, headers: { 'Content-Type': '' } },
          ...['gzip', 'deflate', 'br', 'gzip, gzip', 'nonsense'].map((encoding) => ({
            ...common,
            what: encoding,
            body: encoding === 'gzip' ? gzipSync(body) : body,
            headers: { 'Content-Encoding': encoding },
          })),
        ];
      }),
    );
  });

  it('in a path is rejected', async () => {
    const requests = site.surface.routes.flatMap((route) =>
      [...route.path.matchAll(/:([A-Za-z]+)/g)].flatMap(([, name]) =>
        hostilePathSegments.map((segment) => ({
          what: `path/${name}`,
          route,
          target: site.samples.target(route, { [name as string]: segment }),
          ...anyBody(route),
          codes: ['validation_failed'],
        })),
      ),
    );
    await site.allRefused(requests);
  });

  it('in a query is rejected', async () => {
    const queries = (route: Route) => [
      ...site.surface.queryNames(route).flatMap((name) => {
        const sample = site.samples.query[name];
        expect(sample, `a sample for ?${name}`).to.be.a('string');
        return [
          ...(FREE_TEXT[name] ?? hostileQueryValues)
            .filter((value) => value !== sample)
            .map((value) => `${name}=${value}`),
          `${name}=${sample}&${name}=${sample}`,
          `${name}[]=${sample}`,
          `${name}[a]=${sample}`,
          `${name.toUpperCase()}=${sample}`,
        ];
      }),
      ...hostileQueries,
    ];
    await site.allRefused(
      site.surface.routes.flatMap((route) =>
        queries(route).map((query) => ({
          what: query.slice(0, 60),
          route,
          target: `${site.samples.target(route)}?${query}`,
          ...anyBody(route),
          codes: ['validation_failed'],
        })),
      ),
    );
  });

  it('in an idempotency key is rejected', async () => {
    const keys = ['', ' ', 'two words', 'tab\there', 'a'.repeat(256), 'käse', '\u{1F511}', '\x7f', 'a, b'];
    const keyed = site.surface.routes.filter(({ idempotencyKey }) => idempotencyKey !== undefined);
    await site.allRefused(
      keyed.flatMap((route) => {
        const common = { route, target: site.samples.target(route), body: site.samples.bodyText(route) };
        return [
          ...keys.map((key) => ({
            ...common,
            what: `key ${JSON.stringify(key.slice(0, 20))}`,
            headers: { 'Idempotency-Key': Buffer.from(key).toString('latin1') },
            codes: ['validation_failed', 'idempotency_key_missing'],
          })),
          { ...common, what: 'two keys', headers: { 'Idempotency-Key': 'a\r\nIdempotency-Key: b' } },
        ];
      }),
    );
  });

  it('as a session is rejected', async () => {
    const closed = site.surface.routes.filter(({ access }) => access !== 'anyone');
    const credentials: readonly Readonly<Record<string, string>>[] = [
      { Authorization: '' },
      { Authorization: 'Bearer' },
      { Authorization: 'Bearer ' },
      { Authorization: `Basic ${Buffer.from('a:b').toString('base64')}` },
      { Authorization: `Bearer ${'A'.repeat(43)}` },
      { Authorization: `Bearer ${site.samples.token}x` },
      { Authorization: `Bearer ${site.samples.token.slice(1)}` },
      { Authorization: `Bearer ${site.samples.token} ${site.samples.token}` },
      { Authorization: `Bearer ${site.samples.token.toUpperCase()}` },
      { Authorization: 'Bearer *' },
      { Authorization: 'Bearer session:*' },
      { Authorization: `Bearer ${'A'.repeat(8000)}` },
      { Authorization: 'Bearer x', Cookie: `rowlock_session=${site.samples.token}` },
      { Authorization: '', Cookie: `__Host-rowlock_session=${site.samples.token}` },
      { Authorization: '', Cookie: 'rowlock_session=' },
      { Authorization: '', Cookie: `rowlock_session=${'=;'.repeat(2000)}` },
      { Authorization: '', Cookie: 'rowlock_session=%00' },
    ];
    await site.allRefused(
      closed.flatMap((route) =>
        credentials.map((headers) => ({
          what: JSON.stringify(headers).slice(0, 80),
          route,
          target: site.samples.target(route),
          headers,
          codes: ['unauthenticated'],
        })),
      ),
    );
  });

  it('is the only reason for rejection: the samples themselves are accepted', async () => {
    // A log-in would end the session that the other requests need.
    for (const route of withBody().toSorted(
      (a, b) => Number(a.access === 'anyone') - Number(b.access === 'anyone'),
    )) {
      const { status, text } = await sendToRoute(site.app, site.samples.token, {
        route,
        target: site.samples.target(route),
        body: site.samples.bodyText(route),
      });
      expect(status, `${routeName(route)}: ${text}`).to.be.within(200, 299);
    }
  });
});
