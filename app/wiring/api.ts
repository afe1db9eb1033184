/** The role api: routes and the server that answers them. Part of the composition root. */
import { createAuthentication } from '../accounts/authenticate.ts';
import { createSessions, sessionTimesOf } from '../accounts/sessions.ts';
import { auditShop } from '../audit/audit-shop.ts';
import { createSharedAudits } from '../audit/shared-audits.ts';
import type { ApiConfig } from '../config/api.ts';
import type { SharedConfig } from '../config/shared.ts';
import type { ShopConfig } from '../config/shop.ts';
import { createQueueSection } from '../events/queue-section.ts';
import { docsRoutes } from '../http/docs/docs-routes.ts';
import { type CheckDependencies, createDependencyChecks } from '../http/server/check-dependencies.ts';
import { healthRoutes } from '../http/server/health-routes.ts';
import { listen } from '../http/server/listen.ts';
import { createTrafficCounts } from '../overview/traffic-counts.ts';
import { overviewRoutes } from '../overview/overview-routes.ts';
import { pause } from '../platform/load/pause.ts';
import type { Log } from '../platform/observe/log.ts';
import { openRedis, type RedisStore } from '../platform/redis/redis.ts';
import { createSharedCounts } from '../platform/redis/shared-counts.ts';
import { type Adapters, type ShopAdapters, surroundings } from './adapters.ts';
import { apiRoutes } from './api-routes.ts';
import { createHandler } from './http-handler.ts';
import { createLimiter } from './limiter.ts';
import type { ShopMetrics } from './metrics.ts';
import { createOrderLane } from './order-lane.ts';
import { createPages } from './pages.ts';
import type { RunningRole } from './running-role.ts';
import { startTrafficReport } from './traffic-report.ts';

const PUBLISH_DRAIN_MS = 2000;

export interface ApiOptions {
  readonly config: ApiConfig;
  readonly shared: SharedConfig;
  readonly shop: ShopConfig;
  readonly drainTimeoutMs: number;
  readonly adapters: Adapters;
  readonly shopAdapters: ShopAdapters;
  readonly measured: ShopMetrics;
  /** Whether the process may take requests: it has booted and does not drain. */
  readonly isReady: () => boolean;
  readonly log: Log;
}

function dependencyChecks({ adapters, shopAdapters }: ApiOptions, cache: RedisStore): CheckDependencies {
  const { database, events } = adapters;
  return createDependencyChecks({
    checks: {
      mysql: database.probe,
      redisState: shopAdapters.state.probe,
      redisCache: cache.probe,
      [events.name]: events.ping,
      s3: shopAdapters.bucket.ping,
    },
    nowMs: surroundings.steadyMs,
  });
}

export function createApi(options: ApiOptions) {
  const { config, shop, adapters, shopAdapters, measured, log } = options;
  const { database, events, nowMs } = adapters;
  const { steadyMs, newRequestId } = surroundings;
  const cache = openRedis({ url: config.REDIS_CACHE_URL, role: 'cache', log });
  // Counts may be lost: the limited party then starts from zero.
  const counts = createSharedCounts({ redis: cache, nowMs: steadyMs, log, keysMax: config.CACHE_KEYS_MAX });
  const limiter = createLimiter(counts);
  const sessions = createSessions({ redis: shopAdapters.state, times: sessionTimesOf(config), nowMs });
  const authentication = createAuthentication({ database, sessions, steadyMs });
  const traffic = createTrafficCounts();
  const lane = createOrderLane(config, adapters, { measured, traffic, log });
  const audits = createSharedAudits({
    audit: (mode, signal) =>
      auditShop({ database, steadyMs }, { mode, eventsLateAfterMs: shop.AUDIT_EVENTS_LATE_MS, signal }),
    nowMs: steadyMs,
  });
  const checkDependencies = dependencyChecks(options, cache);
  const queue = createQueueSection({ events, nowMs, steadyMs, log });
  const featureRoutes = [
    ...apiRoutes({
      config,
      shop,
      adapters,
      shopAdapters,
      cache,
      sessions,
      authentication,
      counts,
      limiter,
      lane,
      audits,
      queue,
      traffic,
      log,
    }),
    ...overviewRoutes({ database, redis: cache, queue, checkDependencies, nowMs, steadyMs, log }),
    ...healthRoutes({ isReady: options.isReady, checkDependencies }),
  ];
  const routes = [...featureRoutes, ...docsRoutes(featureRoutes)];

  const servePages = createPages({ config, shared: options.shared, shop });

  const start = async (): Promise<RunningRole> => {
    const handler = createHandler({
      config,
      routes,
      servePages,
      authentication,
      limiter,
      measured,
      traffic,
      log,
    });
    const { HTTP_HOST: host, HTTP_PORT: port } = config;
    const server = await listen(handler, { host, port, newRequestId, log });
    log.info('http_listening', { host, port: server.port });
    lane.shared?.join();
    const reporting = startTrafficReport({ redis: cache, traffic, lane, nowMs, log });
    return {
      stop: async () => {
        lane.shared?.leave();
        await server.drain(options.drainTimeoutMs);
        // Do not wait longer: other processes repeat their orders, and the relay publishes the rest.
        const enough = new AbortController();
        const orders = Promise.resolve(lane.shared?.close()).then(lane.publisher.idle);
        await Promise.race([orders, pause(PUBLISH_DRAIN_MS, enough.signal)]);
        enough.abort();
        await reporting.stop();
      },
    };
  };

  return {
    routes,
    start,
    ready: (waitMs: number) => cache.ready(waitMs),
    close: async () => {
      await audits.stop();
      await cache.close();
    },
  };
}
