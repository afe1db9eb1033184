import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { rawRequest } from '../../support/http/raw-http.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

/**
 * Headers in which proxies of all kinds report a request's source, each with a value built from an address.
 */
const forgeries: Readonly<Record<string, (address: string) => readonly string[]>> = {
  'X-Forwarded-For': (address) => [`X-Forwarded-For: ${address}`],
  'X-Forwarded-For twice': (address) => [`X-Forwarded-For: ${address}`, `X-Forwarded-For: ${address}`],
  'X-Forwarded-For, a list': (address) => [`X-Forwarded-For: ${address}, ${address}, ${address}`],
  'x-forwarded-for in lower case': (address) => [`x-forwarded-for: ${address}`],
  Forwarded: (address) => [`Forwarded: for=${address};proto=https;host=shop`],
  'Forwarded with IPv6': (address) => [`Forwarded: for="[2001:db8::${address.split('.').at(-1)}]"`],
  'X-Real-IP': (address) => [`X-Real-IP: ${address}`],
  'X-Client-IP': (address) => [`X-Client-IP: ${address}`],
  'X-Cluster-Client-IP': (address) => [`X-Cluster-Client-IP: ${address}`],
  'X-Original-Forwarded-For': (address) => [`X-Original-Forwarded-For: ${address}`],
  'X-ProxyUser-Ip': (address) => [`X-ProxyUser-Ip: ${address}`],
  'X-Remote-Addr': (address) => [`X-Remote-Addr: ${address}`],
  'True-Client-IP': (address) => [`True-Client-IP: ${address}`],
  'CF-Connecting-IP': (address) => [`CF-Connecting-IP: ${address}`],
  'Fastly-Client-IP': (address) => [`Fastly-Client-IP: ${address}`],
  'CloudFront-Viewer-Address': (address) => [`CloudFront-Viewer-Address: ${address}:4711`],
  Via: (address) => [`Via: 1.1 ${address}`],
  'the headers of the gateway': (address) => [
    'X-Rowlock-Key-Id: storefront1',
    `X-Rowlock-Viewer-Address: ${address}`,
    `X-Rowlock-Source-Address: ${address}`,
  ],
  'all at once': (address) =>
    ['X-Forwarded-For', 'X-Real-IP', 'True-Client-IP', 'X-Client-IP'].map((name) => `${name}: ${address}`),
};

const REAL = '203.0.113.7';
const ANOTHER = '203.0.113.8';
const FORGED = Array.from({ length: 4 }, (_, index) => `198.51.100.${index + 1}`);
const ALLOWED = 3;

/** A deployment of the app, and what the proxies in front of it do to a client's headers. */
interface Place {
  readonly env: Readonly<Record<string, string>>;
  /** Returns the headers with which a client's request arrives if the client sent `own`. */
  readonly arrive: (own: readonly string[], address: string) => readonly string[];
  /** True if every test comes from one address. */
  readonly isDirect?: true;
}

const isForwardedFor = (line: string) => /^x-forwarded-for:/i.test(line);
const valueOf = (line: string) => line.slice(line.indexOf(':') + 1).trim();

const places: Readonly<Record<string, Place>> = {
  'without a proxy': { env: {}, arrive: (own) => own, isDirect: true },
  'behind a proxy that appends to the header': {
    env: { TRUST_PROXY: '1' },
    arrive: (own, address) => [
      ...own.filter((line) => !isForwardedFor(line)),
      `X-Forwarded-For: ${[...own.filter(isForwardedFor).map(valueOf), address].join(', ')}`,
    ],
  },
  'behind a proxy that adds a header of its own': {
    env: { TRUST_PROXY: '127.0.0.0/8' },
    arrive: (own, address) => [...own, `X-Forwarded-For: ${address}`],
  },
  'behind the gateway, as a client with a key': {
    env: { STOREFRONT_KEY_ID: 'storefront1' },
    arrive: (own, address) => [
      ...own.filter((line) => !/^x-rowlock-(key-id|source-address)/i.test(line)),
      'X-Rowlock-Key-Id: client1',
      `X-Rowlock-Source-Address: ${address}`,
    ],
  },
  'behind CloudFront and the gateway, during a key rotation': {
    env: { STOREFRONT_KEY_ID: 'storefront2,storefront1' },
    arrive: (own, address) => [
      ...own.filter((line) => !/^x-rowlock-/i.test(line)),
      'X-Rowlock-Key-Id: storefront1',
      'X-Rowlock-Source-Address: 203.0.113.50',
      `X-Rowlock-Viewer-Address: ${address}`,
    ],
  },
};

describe('a client with a forged address', () => {
  const shop = useTestShop();

  const read = async (app: AppProcess, headers: readonly string[]) =>
    (await rawRequest(app.url, ['GET /openapi.json HTTP/1.1', 'Host: shop', ...headers].join('\r\n'))).status;
  const logIn = async (app: AppProcess, headers: readonly string[]) => {
    const head = ['POST /auth/login HTTP/1.1', 'Host: shop', 'Content-Type: application/json', ...headers];
    const body = { email: `${Math.random()}@example.com`, password: 'not the password' };
    return (await rawRequest(app.url, head.join('\r\n'), JSON.stringify(body))).status;
  };

  const limits = {
    'the limit by address': { env: { RATE_LIMIT_ADDRESS: `${ALLOWED}/600` }, send: read, allowed: 200 },
    'the limit of log-ins': { env: { RATE_LIMIT_AUTH: `${ALLOWED}/600` }, send: logIn, allowed: 401 },
    'the throttle of failed log-ins': {
      env: { LOGIN_FAILURES_ADDRESS: `${ALLOWED}/600` },
      send: logIn,
      allowed: 401,
    },
  };

  for (const [where, { env: trust, arrive, isDirect }] of Object.entries(places)) {
    for (const [what, { env, send, allowed }] of Object.entries(limits)) {
      it(`neither gains requests nor uses up another's: ${what}, ${where}`, async () => {
        await shop.redis.flush();
        const app = await shop.start(['api'], { env: { ...trust, ...env } });
        for (let count = 0; count < ALLOWED; count += 1)
          expect(await send(app, arrive([], REAL))).to.equal(allowed);
        expect(await send(app, arrive([], REAL))).to.equal(429);
        for (const [name, linesOf] of Object.entries(forgeries)) {
          for (const forged of FORGED) {
            expect(await send(app, arrive(linesOf(forged), REAL)), `${name}: ${forged}`).to.equal(429);
          }
        }
        if (isDirect !== true) {
          for (const other of [ANOTHER, ...FORGED]) {
            expect(await send(app, arrive([], other)), other).to.equal(allowed);
          }
        }
        await app.stop();
      });
    }
  }
});
