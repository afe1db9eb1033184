import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { databaseSnapshot, expectUntouched } from '../../support/servers/database-snapshot.ts';
import type { RawReply } from '../../support/http/parse-reply.ts';
import { openRawHttp, rawRequest } from '../../support/http/raw-http.ts';
import { readRouteSurface, type RouteSurface } from '../../support/http/route-surface.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

/** A client has 5 s for a head and 15 s for a whole request; the server checks once per second. */
const SLOW_TIMEOUT_MS = 25_000;
const LOG_IN = 'POST /auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json';
const CREDENTIALS = '{"email":"nobody@example.com","password":"wrong password"}';

describe('malformed HTTP', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let surface: RouteSurface;
  let untouched: Record<string, number>;

  before(async () => {
    app = await shop.start(['api']);
    surface = await readRouteSurface(shop.env);
    untouched = await databaseSnapshot(shop.database);
  });

  afterEach(async () => {
    expect((await rawRequest(app.url, 'GET /healthz HTTP/1.1\r\nHost: shop')).status).to.equal(200);
    await expectUntouched(shop.database, untouched);
    expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  const expectCode = ({ status, headers, text }: RawReply, ...codes: string[]): void => {
    const contentType = headers.get('content-type');
    expect(surface.expectProblem({ status, text, contentType }), text).to.be.oneOf(codes);
    expect(headers.get('x-request-id'), text).to.equal(JSON.parse(text).traceId);
  };

  it('(well-formed, for comparison) reaches the route, whole or in chunks', async () => {
    const chunk = `${CREDENTIALS.length.toString(16)}\r\n${CREDENTIALS}\r\n0\r\n\r\n`;
    expectCode(await rawRequest(app.url, LOG_IN, CREDENTIALS), 'invalid_credentials');
    expectCode(
      await rawRequest(app.url, `${LOG_IN}\r\nTransfer-Encoding: chunked`, chunk),
      'invalid_credentials',
    );
    expectCode(
      await rawRequest(app.url, `${LOG_IN}\r\nExpect: 100-continue`, CREDENTIALS),
      'invalid_credentials',
    );
    // RFC 9110 lets a server ignore an expectation that it does not know.
    expectCode(await rawRequest(app.url, `${LOG_IN}\r\nExpect: wonders`, CREDENTIALS), 'invalid_credentials');
  });

  it('gets a complete response if it expects a 100 behind another request', async () => {
    const connection = await openRawHttp(app.url);
    const popular = 'GET /products/popular HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\n\r\n';
    connection.write(`GET /status HTTP/1.1\r\nHost: shop\r\n\r\n${popular}${popular}`);
    expect((await connection.reply()).status).to.equal(200);
    for (const reply of [await connection.reply(), await connection.reply()]) {
      expect(reply.status).to.equal(200);
      expect(JSON.parse(reply.text), reply.text).to.have.property('data');
    }
  });

  it('loses no response if it expects something between other requests', async () => {
    const connection = await openRawHttp(app.url);
    const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: shop\r\n${more}\r\n`;
    for (const expectation of ['100-continue', 'wonders']) {
      const expecting = `Expect: ${expectation}\r\n`;
      connection.write(
        request('/status') + request('/me', expecting) + request('/none', expecting) + request('/readyz'),
      );
      for (const status of [200, 401, 404, 200]) {
        const reply = await connection.reply();
        expect(reply.status, reply.text).to.equal(status);
        expect(reply.headers.get('connection')).to.equal('keep-alive');
      }
    }
    expect(connection.closed).to.equal(false);
  });

  it('is answered with Connection: close if it expects something before unreadable bytes', async () => {
    const connection = await openRawHttp(app.url);
    const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: shop\r\n${more}\r\n`;
    connection.write(`${request('/readyz')}${request('/none', 'Expect: wonders\r\n')}${request('/a b')}`);
    expect((await connection.reply()).status).to.equal(200);
    const last = await connection.reply();
    expect([last.status, last.headers.get('connection')]).to.deep.equal([404, 'close']);
    await until('the connection is closed', () => connection.closed);
  });

  const unreadable: Record<string, string | Buffer> = {
    'an unknown method': 'FROBNICATE / HTTP/1.1\r\nHost: shop\r\n\r\n',
    'an unknown version': 'GET / HTTP/7.0\r\nHost: shop\r\n\r\n',
    'a space in the target': 'GET /a b HTTP/1.1\r\nHost: shop\r\n\r\n',
    'a raw byte in the target': 'GET /\x00 HTTP/1.1\r\nHost: shop\r\n\r\n',
    'a header without a colon': 'GET / HTTP/1.1\r\nHost: shop\r\nnonsense\r\n\r\n',
    'NUL in a header': 'GET / HTTP/1.1\r\nHost: shop\r\nX-A: a\x00b\r\n\r\n',
    'a space before the colon': 'GET / HTTP/1.1\r\nHost: shop\r\nContent-Length : 3\r\n\r\nabc',
    'a folded header': 'GET / HTTP/1.1\r\nHost: shop\r\n X-A: b\r\n\r\n',
    'a line feed alone': 'GET / HTTP/1.1\nHost: shop\n\n',
    'a negative length': `${LOG_IN}\r\nContent-Length: -5\r\n\r\n`,
    'a length in words': `${LOG_IN}\r\nContent-Length: five\r\n\r\n`,
    'a length of twenty digits': `${LOG_IN}\r\nContent-Length: 99999999999999999999\r\n\r\n`,
    'one length twice': `${LOG_IN}\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nabcde`,
    'two lengths': `${LOG_IN}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
    'a length and chunks': `${LOG_IN}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'an unknown transfer encoding': `${LOG_IN}\r\nTransfer-Encoding: wonders\r\n\r\n`,
    'a chunk without a length': `${LOG_IN}\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`,
    'a chunk of the wrong length': `${LOG_IN}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n`,
    'a TLS handshake': Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    CONNECT: 'CONNECT shop:443 HTTP/1.1\r\nHost: shop\r\n\r\n',
    'another protocol': 'EHLO shop\r\n',
  };
  for (const [what, bytes] of Object.entries(unreadable)) {
    it(`is rejected: ${what}`, async () => {
      const connection = await openRawHttp(app.url);
      connection.write(bytes);
      expectCode(await connection.reply(), 'validation_failed');
      await until('the connection is closed', () => connection.closed);
    });
  }

  it('is rejected: no Host', async () => {
    expectCode(await rawRequest(app.url, 'GET /products HTTP/1.1'), 'validation_failed');
  });

  // Node keeps the first of two lines or joins them. RFC 9112 section 3.2 requires 400 for a second Host.
  const twice: Readonly<Record<string, readonly [string, string]>> = {
    Host: ['shop', 'other'],
    Authorization: ['Bearer a', 'Bearer b'],
    'Content-Type': ['application/json', 'text/plain'],
    'Idempotency-Key': ['a', 'b'],
    Origin: ['http://shop', 'http://other'],
    'Cart-Token': ['A'.repeat(43), 'B'.repeat(43)],
  };
  for (const [name, [first, second]] of Object.entries(twice)) {
    it(`is rejected: two ${name} headers, equal or not, in any case`, async () => {
      const head = `GET /products HTTP/1.1${name === 'Host' ? '' : '\r\nHost: shop'}`;
      for (const [one, other] of [
        [first, second],
        [second, first],
        [first, first],
      ]) {
        const reply = await rawRequest(
          app.url,
          `${head}\r\n${name}: ${one}\r\nX-Between: x\r\n${name.toLowerCase()}: ${other}`,
        );
        expectCode(reply, 'validation_failed');
        expect(JSON.parse(reply.text).errors).to.deep.equal([
          { pointer: `header/${name.toLowerCase()}`, detail: 'must be sent once' },
        ]);
      }
      expect((await rawRequest(app.url, `GET /products HTTP/1.1\r\nHost: shop`)).status).to.equal(200);
    });
  }

  it('is accepted: several lines of a list header', async () => {
    const { headers } = await rawRequest(app.url, 'GET /products HTTP/1.1\r\nHost: shop');
    const tag = headers.get('etag');
    const lines = `If-None-Match: "other"\r\nIf-None-Match: ${tag}`;
    const again = await rawRequest(app.url, `GET /products HTTP/1.1\r\nHost: shop\r\n${lines}`);
    expect(again.status).to.equal(304);
  });

  it('is rejected: an invalid Host', async () => {
    for (const host of [
      '',
      'shop:port',
      'shop:1:2',
      'a b',
      'a,b',
      'user@shop',
      'shop/x',
      'h\xf6st',
      '[::1',
      'a:999999',
    ]) {
      expectCode(await rawRequest(app.url, `GET /healthz HTTP/1.1\r\nHost: ${host}`), 'validation_failed');
    }
    for (const host of [
      'shop',
      'Shop.Example:3000',
      '10.0.0.1:80',
      '[::1]:3000',
      'my_shop',
      'shop.',
      'shop:',
    ]) {
      expect((await rawRequest(app.url, `GET /healthz HTTP/1.1\r\nHost: ${host}`)).status, host).to.equal(
        200,
      );
    }
    // HTTP/1.0 needs no Host.
    expect((await rawRequest(app.url, 'GET /healthz HTTP/1.0')).status).to.equal(200);
  });

  // Node's parser accepts both versions; the Host check for 1.1 did not cover them.
  for (const version of ['2.0', '0.9']) {
    it(`is rejected: a request line with HTTP/${version}`, async () => {
      const connection = await openRawHttp(app.url);
      connection.write(`GET /products HTTP/${version}\r\n\r\n`);
      expectCode(await connection.reply(), 'validation_failed');
    });
  }

  it('is rejected: a head of more than 16 KB', async () => {
    const long = 'a'.repeat(20_000);
    expectCode(
      await rawRequest(app.url, `GET /${long} HTTP/1.1\r\nHost: shop`),
      'request_header_fields_too_large',
    );
    expectCode(
      await rawRequest(app.url, `GET / HTTP/1.1\r\nHost: shop\r\nX-Long: ${long}`),
      'request_header_fields_too_large',
    );
    const many = Array.from({ length: 1500 }, (_, index) => `X-${index}: 12345`).join('\r\n');
    expectCode(
      await rawRequest(app.url, `GET / HTTP/1.1\r\nHost: shop\r\n${many}`),
      'request_header_fields_too_large',
    );
  });

  it('is answered: a long target without a route', async () => {
    expectCode(await rawRequest(app.url, `GET /${'a'.repeat(10_000)} HTTP/1.1\r\nHost: shop`), 'not_found');
    expectCode(await rawRequest(app.url, `GET /${'a/'.repeat(5000)} HTTP/1.1\r\nHost: shop`), 'not_found');
    for (const target of ['http://[', 'http://user:pa%ss@shop/healthz']) {
      expectCode(await rawRequest(app.url, `GET ${target} HTTP/1.1\r\nHost: shop`), 'validation_failed');
    }
    expectCode(await rawRequest(app.url, 'GET /products/../me HTTP/1.1\r\nHost: shop'), 'not_found');
    expectCode(await rawRequest(app.url, 'GET //evil.example/%2e%2e HTTP/1.1\r\nHost: shop'), 'not_found');
    expectCode(
      await rawRequest(app.url, 'GET /%ff HTTP/1.1\r\nHost: shop'),
      'not_found',
      'validation_failed',
    );
  });

  for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    it(`is rejected with the allowed methods: ${method} on a route without it`, async () => {
      const reply = await rawRequest(app.url, `${method} /orders HTTP/1.1\r\nHost: shop`);
      expectCode(reply, 'method_not_allowed');
      expect(reply.headers.get('allow')).to.equal('POST, GET');
    });
  }

  it('is rejected: a body of 1 MB, by its declared or actual length', async () => {
    const body = 'x'.repeat(1_000_000);
    expectCode(await rawRequest(app.url, LOG_IN, body), 'payload_too_large');
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    expectCode(
      await rawRequest(app.url, `${LOG_IN}\r\nTransfer-Encoding: chunked`, chunks),
      'payload_too_large',
    );
    // Send body and head in one piece, so that the whole body may have arrived before the app reads it.
    const connection = await openRawHttp(app.url);
    const size = 70_000;
    connection.write(
      `${LOG_IN}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${size.toString(16)}\r\n${CREDENTIALS.padEnd(size)}\r\n0\r\n\r\n`,
    );
    expectCode(await connection.reply(), 'payload_too_large');
    // The request is rejected before a byte of the body has arrived.
    expectCode(await rawRequest(app.url, `${LOG_IN}\r\nContent-Length: 1000000000`), 'payload_too_large');
  });

  it('does not block the next request: a body that was too large', async () => {
    const connection = await openRawHttp(app.url);
    const body = 'x'.repeat(1_000_000);
    connection.write(
      `${LOG_IN}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    expectCode(await connection.reply(), 'payload_too_large');
    connection.write('GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n');
    expect((await connection.reply()).status).to.equal(200);
  });

  it('is rejected: a body shorter than its Content-Length', async () => {
    const connection = await openRawHttp(app.url);
    connection.write(`${LOG_IN}\r\nContent-Length: 100\r\n\r\n${CREDENTIALS}`);
    connection.finish();
    expectCode(await connection.reply(), 'validation_failed');
  });

  it('is rejected: data after the declared end of a body', async () => {
    const connection = await openRawHttp(app.url);
    connection.write(`${LOG_IN}\r\nContent-Length: ${CREDENTIALS.length}\r\n\r\n${CREDENTIALS}surplus`);
    expectCode(await connection.reply(), 'invalid_credentials', 'validation_failed');
    await until('the connection is closed', () => connection.closed);
  });

  it('times out: a head or a body that never arrives', async function () {
    const slowHead = await openRawHttp(app.url);
    slowHead.write('GET /products HTTP/1.1\r\nHost: sh');
    const slowBody = await openRawHttp(app.url);
    slowBody.write(`${LOG_IN}\r\nContent-Length: ${CREDENTIALS.length}\r\n\r\n${CREDENTIALS.slice(0, 10)}`);
    const silent = await openRawHttp(app.url);
    expectCode(await slowHead.reply(SLOW_TIMEOUT_MS), 'request_timeout');
    expectCode(await slowBody.reply(SLOW_TIMEOUT_MS), 'request_timeout');
    await until('all are closed', () => slowHead.closed && slowBody.closed && silent.closed, {
      timeoutMs: SLOW_TIMEOUT_MS,
    });
  });
});
