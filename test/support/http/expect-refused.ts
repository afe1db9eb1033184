import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Route } from '../../../app/http/contract/route.ts';
import type { AppProcess } from '../shop/app-process.ts';
import { databaseSnapshot, expectUntouched } from '../servers/database-snapshot.ts';
import type { RawReply } from './parse-reply.ts';
import { rawRequest } from './raw-http.ts';
import { type RouteSurface, routeName } from './route-surface.ts';
import { watchRedis } from '../servers/redis-snapshot.ts';
import type { TestShop } from '../shop/test-shop.ts';

export interface RouteRequest {
  readonly route: Route;
  /** Path and query as sent. */
  readonly target: string;
  readonly body?: string | Uint8Array;
  /** Added to the headers that the route needs; headers of the same name are replaced. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request that the app must reject. */
export interface HostileRequest extends RouteRequest {
  /** Description for the failure message. */
  readonly what: string;
  /** The only codes allowed; by default any code that the route documents. */
  readonly codes?: readonly string[];
}

const IN_FLIGHT = 8;
const FAULTS_SHOWN = 20;

/**
 * Sends a request unchanged. Adds a session if there is a token and, if the route accepts them, a new
 * idempotency key and an If-Match.
 */
export async function sendToRoute(
  app: AppProcess,
  token: string | undefined,
  request: RouteRequest,
): Promise<RawReply> {
  const { route, target, body, headers = {} } = request;
  const fields = {
    Host: 'shop',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(route.idempotencyKey === undefined ? {} : { 'Idempotency-Key': randomUUID() }),
    ...(route.ifMatch === undefined ? {} : { 'If-Match': '*' }),
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const method = route.method.toUpperCase();
  const head = [`${method} ${target} HTTP/1.1`, ...lines].join('\r\n');
  return rawRequest(app.url, head, typeof body === 'string' ? Buffer.from(body) : body);
}

/**
 * Sends all requests, a few at a time. Each must be refused with a 4xx and a problem that its route
 * documents. Together they must leave no trace: no row changed, no key in Redis, no error in the log.
 */
export async function expectRefused(
  { shop, app, surface, token }: { shop: TestShop; app: AppProcess; surface: RouteSurface; token: string },
  requests: readonly HostileRequest[],
): Promise<void> {
  expect(requests.length).to.be.greaterThan(0);
  const before = await databaseSnapshot(shop.database);
  const keys = await watchRedis(shop.redis);
  const faults: string[] = [];
  const queue = [...requests];
  const work = async () => {
    for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
      const { what, route, target, codes } = request;
      try {
        const { status, headers, text } = await sendToRoute(app, token, request);
        expect(status, text.slice(0, 300)).to.be.within(400, 499);
        const code = surface.expectProblem({ status, text, contentType: headers.get('content-type') }, route);
        if (codes !== undefined) expect(code).to.be.oneOf([...codes]);
      } catch (error) {
        faults.push(`${routeName(route)} ${target.slice(0, 100)}: ${what}: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  console.log(`      ${requests.length} requests`);
  expect(faults.slice(0, FAULTS_SHOWN).join('\n')).to.equal('');
  await expectUntouched(shop.database, before);
  expect(await keys.changes(), 'traces in Redis').to.deep.equal([]);
  expect((await shop.client(app).get('/healthz')).status).to.equal(200);
  expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
}
