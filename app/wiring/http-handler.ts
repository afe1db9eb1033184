/** What answers the API's HTTP requests. Part of the composition root. */
import type { RequestListener } from 'node:http';
import type { ApiConfig } from '../config/api.ts';
import type { Authenticator } from '../http/access/admit.ts';
import { clientAddress } from '../http/access/client-address.ts';
import { trustedProxies } from '../http/access/trusted-proxies.ts';
import { cartCookieName, sessionCookieName } from '../http/contract/cookie-names.ts';
import type { Route } from '../http/contract/route.ts';
import type { ServePages } from '../http/pages/serve-pages.ts';
import { expressApp } from '../http/server/express-app.ts';
import { requireOriginKey } from '../http/server/require-origin-key.ts';
import { retryAfterS } from '../http/server/request-lifecycle.ts';
import { shedLoad } from '../http/server/shed-load.ts';
import type { Log } from '../platform/observe/log.ts';
import type { TrafficCounts } from '../overview/traffic-counts.ts';
import { newUuid } from '../platform/uuid.ts';
import { surroundings } from './adapters.ts';
import type { createLimiter } from './limiter.ts';
import type { ShopMetrics } from './metrics.ts';

export interface HandlerOptions {
  readonly config: ApiConfig;
  readonly routes: readonly Route[];
  readonly servePages: ServePages | undefined;
  readonly authentication: Authenticator;
  readonly limiter: ReturnType<typeof createLimiter>;
  readonly measured: ShopMetrics;
  readonly traffic: TrafficCounts;
  readonly log: Log;
}

export function createHandler(options: HandlerOptions): RequestListener {
  const { config, routes, authentication, limiter, measured, traffic, log } = options;
  const { steadyMs, random, newRequestId } = surroundings;
  const proxies = trustedProxies(config.TRUST_PROXY);
  const app = expressApp({
    routes,
    servePages: options.servePages,
    authentication,
    allowedOrigins: config.ALLOWED_ORIGINS,
    sessionCookieName: sessionCookieName(config.COOKIE_SECURE),
    cartCookieName: cartCookieName(config.COOKIE_SECURE),
    trustedProxies: proxies,
    addressOf: clientAddress(config.STOREFRONT_KEY_ID, proxies),
    limits: {
      user: limiter('user', config.RATE_LIMIT_USER),
      address: limiter('address', config.RATE_LIMIT_ADDRESS),
      token: limiter('token', config.RATE_LIMIT_ADDRESS),
      auth: limiter('auth', config.RATE_LIMIT_AUTH),
      status: limiter('status', config.RATE_LIMIT_STATUS),
    },
    newRequestId,
    steadyMs,
    random,
    onAnswered: (answer) => {
      measured.onAnswered(answer);
      traffic.countAnswer(answer);
    },
    accessLogPercent: config.ACCESS_LOG_PERCENT,
    log,
  });
  const shedding = shedLoad(
    {
      routes,
      newRequestId: newUuid,
      retryAfterS: () => retryAfterS(random),
      onShed: () => {
        measured.onShed();
        traffic.countShed();
      },
      log,
    },
    app,
  );
  return requireOriginKey({ keys: config.ORIGIN_KEYS, newRequestId: newUuid, log }, shedding);
}
