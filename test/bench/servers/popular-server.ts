/**
 * `GET /products/popular` with one Redis read per request behind the shop's own HTTP server, access log
 * included. This is the best case of that design: Redis holds the finished response, so nothing is parsed or
 * assembled here.
 */
import { flatConfig } from '../../support/shop/flat-config.ts';
import { clientAddress } from '../../../app/http/access/client-address.ts';
import { expressApp } from '../../../app/http/server/express-app.ts';
import { listen } from '../../../app/http/server/listen.ts';
import { defineRoute } from '../../../app/http/contract/route.ts';
import { trustedProxies } from '../../../app/http/access/trusted-proxies.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { newUuid } from '../../../app/platform/uuid.ts';

const KEY = 'bench:popular-answer';
const TTL_S = 60;
const config = flatConfig(process.env);
const log = createLog({ level: config.LOG_LEVEL, role: 'popular', stage: config.STAGE });
const cache = openRedis({ url: config.REDIS_CACHE_URL, role: 'cache', log });
await cache.ready(2000);

const ready = defineRoute({
  id: 'measured',
  method: 'get',
  path: '/readyz',
  tag: 'Health',
  summary: 'Ready',
  access: 'anyone',
  schema: {},
  replies: { 200: null },
  handle: async () => ({ status: 200, body: { status: 'ready' } }),
});

const popular = defineRoute({
  id: 'measured',
  method: 'get',
  path: '/products/popular',
  tag: 'Catalogue',
  summary: 'Best sellers, read from Redis every time',
  access: 'anyone',
  schema: {},
  replies: { 200: null },
  handle: async () => {
    const body = await cache.run((client) => client.getBuffer(KEY));
    if (body === null) throw new Error('Redis does not hold the answer');
    return { status: 200, headers: { 'Cache-Control': `public, max-age=${TTL_S}` }, body };
  },
});

const proxies = trustedProxies(0);
await listen(
  expressApp({
    routes: [ready, popular],
    authentication: { authenticate: async () => undefined, hasOpened: () => false },
    allowedOrigins: [],
    sessionCookieName: 'session',
    cartCookieName: 'cart',
    trustedProxies: proxies,
    addressOf: clientAddress(undefined, proxies),
    limits: { user: undefined, address: undefined, token: undefined, auth: undefined, status: undefined },
    newRequestId: newUuid,
    steadyMs: () => performance.now(),
    random: () => Math.random(),
    log,
  }),
  { host: config.HTTP_HOST, port: config.HTTP_PORT, newRequestId: newUuid, log },
);
process.once('SIGTERM', () => process.exit(0));
