/** The composition root: the only place that constructs adapters and hands them to the features. */
import { randomUUID } from 'node:crypto';
import { accountRoutes } from '../accounts/account-routes.ts';
import { createAuthentication } from '../accounts/authenticate.ts';
import { logInThrottle } from '../accounts/log-in-throttle.ts';
import { createPasswordHasher } from '../accounts/password.ts';
import { createSessions, sessionTimesOf } from '../accounts/sessions.ts';
import { auditRoutes } from '../audit/audit-routes.ts';
import { auditShop } from '../audit/audit-shop.ts';
import { sharedAudits } from '../audit/shared-audits.ts';
import { cartRoutes } from '../carts/cart-routes.ts';
import { cartMerges } from '../carts/cart-merges.ts';
import { cartStore } from '../carts/cart-store.ts';
import { mergeGuestCart } from '../carts/merge-guest-cart.ts';
import { userCarts } from '../carts/user-carts.ts';
import { catalogueRoutes } from '../catalogue/catalogue-routes.ts';
import type { Config } from '../config/shared.ts';
import { couponCounters } from '../coupons/coupon-counters.ts';
import { couponRoutes } from '../coupons/coupon-routes.ts';
import type { CouponClaim } from '../coupons/decide-issues.ts';
import { recordIssues } from '../coupons/record-issues.ts';
import { eventPublisher } from '../events/publish-events.ts';
import { clientAddress } from '../http/access/client-address.ts';
import { cartCookieName, sessionCookieName } from '../http/contract/cookie-names.ts';
import { docsRoutes } from '../http/docs/docs-routes.ts';
import { retryAfterS } from '../http/server/begin-exchanges.ts';
import { expressApp } from '../http/server/express-app.ts';
import { healthRoutes } from '../http/server/health-routes.ts';
import { listen } from '../http/server/listen.ts';
import type { Route } from '../http/contract/route.ts';
import { trustedProxies } from '../http/access/trusted-proxies.ts';
import { turnAway } from '../http/server/turn-away.ts';
import { IMAGE_PIXELS_MAX } from '../images/image-limits.ts';
import { imageRoutes } from '../images/image-routes.ts';
import { isMigrated } from '../migrations/migrate.ts';
import type { OrderRequest } from '../orders/evaluate-orders.ts';
import { batchLane } from '../platform/load/batch-lane.ts';
import { orderRoutes } from '../orders/order-routes.ts';
import { OrderCrashed, type PlacedOrder, placeOrders } from '../orders/place-orders.ts';
import { openDatabase } from '../platform/mysql/database.ts';
import { imageCodec } from '../images/image-codec.ts';
import { watchEventLoop } from '../platform/observe/event-loop-delay.ts';
import type { Log } from '../platform/observe/log.ts';
import { pause } from '../platform/load/pause.ts';
import { permits } from '../platform/load/permits.ts';
import { type RateLimit, rateLimiter } from '../platform/load/rate-limiter.ts';
import { openRedis } from '../platform/redis/redis.ts';
import { redisLocks } from '../platform/redis/redis-lock.ts';
import { openBucket } from '../platform/aws/s3.ts';
import { secretLogin } from '../platform/aws/secret-login.ts';
import { openQueue } from '../platform/aws/sqs.ts';
import { sharedCounts } from '../platform/redis/shared-counts.ts';
import { newUuid, uuidSource } from '../platform/uuid.ts';
import { popularRoutes } from '../popular/popular-routes.ts';
import { type RunningRole, startLoop } from './running-role.ts';
import { startDataPlatform } from './data-platform.ts';
import { startWorker } from './worker.ts';
import { walletRoutes } from '../wallet/wallet-routes.ts';
import { wireMetrics } from './metrics.ts';

/** What a process does. A process may have several roles. */
export const roles = ['api', 'worker', 'data-platform'] as const;

export type Role = (typeof roles)[number];

/** Claims of coupons that share a transaction, that may wait for it and for how long. */
const ISSUES = { groupMax: 128, queueMax: 1000, waitMaxMs: 1000, lanes: 1 };
/** Uploads of up to 10 MB that are in memory at once, and requests that wait for that. */
const UPLOAD_CHECKS = { turnsMax: 4, waitingMax: 32 };
const BOOT_WAIT_MS = 2000;
const PUBLISH_DRAIN_MS = 2000;
const MIGRATION_POLL_MS = 500;

export type Wiring = ReturnType<typeof createWiring>;

/** `processRoles` are those that the process is going to start: they decide which metrics it reports. */
export function createWiring(config: Config, log: Log, processRoles: readonly Role[] = roles) {
  const processMs = () => Date.now();
  // For lengths of time within the process, which setting the clock must not change.
  const steadyMs = () => Math.floor(performance.now());
  const random = () => Math.random();
  const aws = { region: config.AWS_REGION, endpoint: config.AWS_ENDPOINT_URL };
  const measured = wireMetrics({
    stage: config.STAGE,
    roles: processRoles,
    nowMs: processMs,
    write: (line) => process.stdout.write(`${line}\n`),
  });
  const { metrics } = measured;
  const countRetry = metrics.counter('TransactionRetries');
  const countConflict = {
    deadlock: metrics.counter('Deadlocks'),
    timeout: metrics.counter('LockWaitTimeouts'),
  };
  const database = openDatabase({
    writerUrl: config.DATABASE_URL,
    replicaUrl: config.DATABASE_REPLICA_URL,
    readLogin:
      config.DATABASE_SECRET_ID === undefined
        ? undefined
        : createSecretLogin({ region: config.AWS_REGION, secretId: config.DATABASE_SECRET_ID }),
    connectionsMax: config.DATABASE_POOL_MAX,
    log,
    nowMs: processMs,
    // Not rounded: the database's clock is told by it.
    steadyMs: () => performance.now(),
    random,
    onRetry: () => countRetry(),
    onLockConflict: (kind) => countConflict[kind](),
  });
  metrics.gauge('DatabaseWaiting', database.waiting);
  const state = openRedis({ url: config.REDIS_STATE_URL, role: 'state', log });
  const cache = openRedis({ url: config.REDIS_CACHE_URL, role: 'cache', log });
  const queue = openQueue({ ...aws, queueUrl: config.ORDER_EVENTS_QUEUE_URL });
  const bucket = openBucket({ ...aws, bucket: config.IMAGES_BUCKET });
  const codec = createImageCodec({ pixelsMax: IMAGE_PIXELS_MAX, blockOtherDecoders: true });
  const imageUrl = (objectKey: string) => `${config.IMAGES_BASE_URL}/${objectKey}`;
  let isReady = false;
  let isDraining = false;

  // One clock for all processes decides; and ids, by which lists are in order, are of its time.
  const { nowMs } = database;
  const newId = createUuidSource(nowMs);
  const shared = { database, newId, nowMs };
  const sessionTimes = sessionTimesOf(config);
  const sessions = createSessions(state, { times: sessionTimes, nowMs });
  // Where counts may be lost: whoever was counted begins anew.
  const counts = createSharedCounts({ redis: cache, nowMs: steadyMs, log, keysMax: config.CACHE_KEYS_MAX });
  const limiter = (name: string, limit: Omit<RateLimit, 'name'> | undefined) =>
    limit && createRateLimiter({ limit: { name, ...limit }, counts, nowMs: steadyMs });
  const authentication = createAuthentication({ database, sessions, steadyMs });
  const publisher = eventPublisher({
    database,
    send: measured.countSent(queue.send, { sent: 'PublisherSent', failed: 'PublisherFailed' }),
    graceMs: config.RELAY_GRACE_MS,
    nowMs,
    log,
  });
  metrics.gauge('PublisherWaiting', publisher.waiting);
  const withEvents = { ...shared, outboxGraceMs: config.RELAY_GRACE_MS, publish: publisher.publish };
  const orders = batchLane<OrderRequest, PlacedOrder>({
    decide: async (requests) => {
      const results = await placeOrders(withEvents, requests);
      measured.onGroup(results.flatMap((result) => (result instanceof OrderCrashed ? [] : result)));
      return results;
    },
    groupMax: config.ORDER_GROUP_MAX,
    queueMax: config.ORDER_QUEUE_MAX,
    waitMaxMs: config.ORDER_WAIT_MAX_MS,
    lanes: config.ORDER_LANES,
    nowMs: steadyMs,
  });
  metrics.gauge('OrderQueueLength', orders.waiting);
  const carts = cartStore(state);
  const merges = cartMerges(state);
  const cartsOfUsers = userCarts({ database, carts, merges, log });
  const counters = couponCounters(state, log);
  const locks = redisLocks(state, log);
  const issues = batchLane({
    decide: (claims: readonly CouponClaim[]) => recordIssues(shared, claims),
    ...ISSUES,
    nowMs: steadyMs,
  });
  const audits = sharedAudits({
    audit: (mode, signal) =>
      auditShop(shared, { mode, eventsLateAfterMs: config.AUDIT_EVENTS_LATE_MS, signal }),
    nowMs,
  });
  const cancelWindowMs = config.ORDER_CANCEL_WINDOW_S * 1000;
  const featureRoutes: Route[] = [
    // First, because Express looks at the routes one after the other and orders come by the thousand.
    ...orderRoutes({ ...withEvents, orders, userCarts: cartsOfUsers, cancelWindowMs, log }),
    ...accountRoutes({
      ...shared,
      sessions,
      sessionTimes,
      authentication,
      throttle: logInThrottle(
        {
          pair: limiter('login-pair', config.LOGIN_FAILURES_PAIR),
          address: limiter('login-address', config.LOGIN_FAILURES_ADDRESS),
          account: limiter('login-account', config.LOGIN_FAILURES_ACCOUNT),
        },
        counts,
      ),
      log,
      passwords: createPasswordHasher({
        costLog2: config.PASSWORD_COST_LOG2,
        threadsMax: config.PASSWORD_THREADS_MAX,
        nowMs: steadyMs,
      }),
      cookieSecure: config.COOKIE_SECURE,
      mergeGuestCart: mergeGuestCart({ merges, log }),
    }),
    ...cartRoutes({
      database,
      carts,
      userCarts: cartsOfUsers,
      begunLimit: limiter('guest-carts', config.RATE_LIMIT_GUEST_CARTS),
      cookieSecure: config.COOKIE_SECURE,
    }),
    ...walletRoutes(shared),
    // Before the catalogue, whose /products/:productId would take its path.
    ...popularRoutes({ ...shared, nowMs: processMs, cache, locks, log }),
    ...catalogueRoutes({ ...shared, imageUrl }),
    ...couponRoutes({ ...shared, counters, issues, log }),
    ...imageRoutes({
      ...shared,
      log,
      bucket,
      codec,
      checking: permits(UPLOAD_CHECKS),
      uploadTtlS: config.IMAGE_UPLOAD_TTL_S,
      uploadKeptMs: config.IMAGE_UPLOAD_KEPT_MS,
      leaseMs: config.IMAGE_LEASE_MS,
      imageUrl,
    }),
    ...auditRoutes({ audits }),
    ...healthRoutes({
      nowMs: steadyMs,
      isReady: () => isReady && !isDraining,
      checks: {
        mysql: database.probe,
        redisState: state.probe,
        redisCache: cache.probe,
        sqs: queue.ping,
        s3: bucket.ping,
      },
    }),
  ];
  const routes = [...featureRoutes, ...docsRoutes(featureRoutes)];

  const startApi = async (): Promise<RunningRole> => {
    const proxies = trustedProxies(config.TRUST_PROXY);
    const app = expressApp({
      routes,
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
      newRequestId: randomUUID,
      nowMs: processMs,
      random,
      onAnswered: measured.onAnswered,
      accessLogPercent: config.ACCESS_LOG_PERCENT,
      log,
    });
    const handler = turnAway(
      {
        routes,
        newRequestId: newUuid,
        retryAfterS: () => retryAfterS(random),
        onTurnedAway: measured.onTurnedAway,
        log,
      },
      app,
    );
    const server = await listen(handler, {
      host: config.HTTP_HOST,
      port: config.HTTP_PORT,
      newRequestId: randomUUID,
      log,
    });
    log.info('http_listening', { host: config.HTTP_HOST, port: server.port });
    return {
      stop: async () => {
        await server.drain(config.DRAIN_TIMEOUT_MS);
        // Not worth waiting longer for: the relay finds what is left.
        const enough = new AbortController();
        await Promise.race([publisher.idle(), pause(PUBLISH_DRAIN_MS, enough.signal)]);
        enough.abort();
      },
    };
  };

  const startMetrics = (): RunningRole => {
    const eventLoop = watchEventLoop();
    metrics.gauge('EventLoopDelay', eventLoop.delayP99Ms);
    const reporting = startLoop((signal) => measured.report(config.METRICS_EVERY_MS, signal));
    return {
      stop: async () => {
        await reporting.stop();
        eventLoop.stop();
      },
    };
  };

  const start: Record<Role, () => Promise<RunningRole>> = {
    api: startApi,
    worker: async () =>
      startWorker({
        config,
        database,
        send: queue.send,
        counters,
        locks,
        bucket,
        codec,
        measured,
        nowMs,
        random,
        log,
      }),
    'data-platform': async () => startDataPlatform({ config, database, queue, locks, nowMs, random, log }),
  };

  /** Waits until the database is migrated to this release: no role works before, and none fails for it. */
  const waitForSchema = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        if (await isMigrated((sql) => database.read(sql))) return;
        log.warn('schema_not_migrated');
      } catch (error) {
        log.warn('database_not_ready', { error });
      }
      await pause(MIGRATION_POLL_MS, signal);
    }
  };

  return {
    routes,
    start: (role: Role) => start[role](),
    /** Reports the metrics of the whole process; undefined where they are turned off. */
    startMetrics: () => (config.METRICS_EVERY_MS === 0 ? undefined : startMetrics()),
    /** Resolves when the roles may work; the processes' HTTP server answers /healthz before that. */
    boot: async (signal: AbortSignal) => {
      await Promise.all([waitForSchema(signal), state.ready(BOOT_WAIT_MS), cache.ready(BOOT_WAIT_MS)]);
      isReady = true;
    },
    beginDrain: () => {
      isDraining = true;
    },
    close: async () => {
      await audits.stop();
      await Promise.all([database.close(), state.close(), cache.close()]);
      queue.close();
      bucket.close();
    },
  };
}
