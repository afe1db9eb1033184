/** The features that the API serves, each with what it needs. Part of the composition root. */
import { accountRoutes } from '../accounts/account-routes.ts';
import type { createAuthentication } from '../accounts/authenticate.ts';
import { createPasswordHasher } from '../accounts/password.ts';
import type { createSessions } from '../accounts/sessions.ts';
import { sessionTimesOf } from '../accounts/sessions.ts';
import { findHashesBesides } from '../accounts/user-sql.ts';
import { auditRoutes } from '../audit/audit-routes.ts';
import type { SharedAudits } from '../audit/shared-audits.ts';
import { createCartMerges } from '../carts/cart-merges.ts';
import { cartRoutes } from '../carts/cart-routes.ts';
import { createCartStore } from '../carts/cart-store.ts';
import { mergeGuestCart } from '../carts/merge-guest-cart.ts';
import { createUserCarts } from '../carts/user-carts.ts';
import { announcingChanges } from '../catalogue/catalogue-changes.ts';
import { catalogueRoutes } from '../catalogue/catalogue-routes.ts';
import type { ApiConfig } from '../config/api.ts';
import type { ShopConfig } from '../config/shop.ts';
import { couponRoutes } from '../coupons/coupon-routes.ts';
import type { CouponClaim } from '../coupons/decide-issues.ts';
import { recordIssues } from '../coupons/record-issues.ts';
import { customerRoutes } from '../customers/customer-routes.ts';
import { demoSaleRoutes } from '../demo-sale/demo-sale-routes.ts';
import { createDemoSales } from '../demo-sale/demo-sales.ts';
import { eventRoutes } from '../events/event-routes.ts';
import type { QueueSection } from '../events/queue-section.ts';
import type { Route } from '../http/contract/route.ts';
import { imageRoutes } from '../images/image-routes.ts';
import { orderRoutes } from '../orders/order-routes.ts';
import { actionRoutes } from '../operators/action-routes.ts';
import { operatorRoutes } from '../operators/operator-routes.ts';
import type { TrafficCounts } from '../overview/traffic-counts.ts';
import { createBatchLane } from '../platform/load/batch-lane.ts';
import { createSemaphore } from '../platform/load/semaphore.ts';
import type { Log } from '../platform/observe/log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import type { SharedCounts } from '../platform/redis/shared-counts.ts';
import { popularRoutes } from '../popular/popular-routes.ts';
import { walletRoutes } from '../wallet/wallet-routes.ts';
import { type Adapters, type ShopAdapters, surroundings } from './adapters.ts';
import { type createLimiter, logInThrottle } from './limiter.ts';
import type { createOrderLane } from './order-lane.ts';

/** Coupon claims: most per transaction, most that wait, and how long they wait. */
const ISSUES = { groupMax: 128, queueMax: 10_000, waitMaxMs: 1500, lanes: 1 };
/** Uploads of up to 10 MB held in memory at once, and requests that wait for that. */
const UPLOAD_CHECKS = { permitsMax: 4, waitingMax: 32 };

export interface ApiRoutesOptions {
  readonly config: ApiConfig;
  readonly shop: ShopConfig;
  readonly adapters: Adapters;
  readonly shopAdapters: ShopAdapters;
  readonly cache: RedisStore;
  readonly sessions: ReturnType<typeof createSessions>;
  readonly authentication: ReturnType<typeof createAuthentication>;
  readonly counts: SharedCounts;
  readonly limiter: ReturnType<typeof createLimiter>;
  readonly lane: ReturnType<typeof createOrderLane>;
  readonly audits: SharedAudits;
  readonly queue: QueueSection;
  readonly traffic: TrafficCounts;
  readonly log: Log;
}

export function apiRoutes(options: ApiRoutesOptions): Route[] {
  const { config, shop, adapters, cache, counts, limiter, lane, log } = options;
  const { database, newId, nowMs } = adapters;
  const { state, bucket, codec, counters, locks, changes } = options.shopAdapters;
  const { steadyMs } = surroundings;
  const shared = { database, newId, nowMs };
  const imageUrl = (objectKey: string) => `${config.IMAGES_BASE_URL}/${objectKey}`;
  const carts = createCartStore({ redis: state });
  const merges = createCartMerges({ redis: state });
  const userCarts = createUserCarts({ database, carts, merges, log });
  const passwords = createPasswordHasher({
    cost: config.PASSWORD_HASHING,
    threadsMax: config.PASSWORD_THREADS_MAX,
    nowMs: steadyMs,
    findOtherHashes: (prefix) => findHashesBesides(database, prefix),
  });
  const issues = createBatchLane({
    execute: (claims: readonly CouponClaim[]) => recordIssues(shared, claims),
    ...ISSUES,
    nowMs: steadyMs,
  });
  return [
    // First, because Express tries routes in order and orders are the most frequent requests.
    ...orderRoutes({
      ...lane.withEvents,
      orders: lane.orders,
      userCarts,
      cancelWindowMs: config.ORDER_CANCEL_WINDOW_S * 1000,
      log,
    }),
    ...accountRoutes({
      ...shared,
      sessions: options.sessions,
      sessionTimes: sessionTimesOf(config),
      authentication: options.authentication,
      throttle: logInThrottle(config, counts),
      log,
      passwords,
      cookieSecure: config.COOKIE_SECURE,
      mergeGuestCart: (request) => mergeGuestCart({ merges, log }, request),
    }),
    ...cartRoutes({
      database,
      carts,
      userCarts,
      newCartLimit: limiter('guest-carts', config.RATE_LIMIT_GUEST_CARTS),
      cookieSecure: config.COOKIE_SECURE,
    }),
    ...walletRoutes(shared),
    // Before the catalogue, whose /products/:productId would match its path.
    ...popularRoutes({
      ...shared,
      nowMs: steadyMs,
      cache,
      locks,
      log,
      count: options.traffic.countPopular,
    }),
    ...announcingChanges(catalogueRoutes({ ...shared, imageUrl }), changes.announce),
    ...couponRoutes({ ...shared, counters, issues, log }),
    ...announcingChanges(
      imageRoutes({
        ...shared,
        log,
        bucket,
        codec,
        checking: createSemaphore(UPLOAD_CHECKS),
        uploadTtlS: config.IMAGE_UPLOAD_TTL_S,
        uploadRetentionMs: shop.IMAGE_UPLOAD_RETENTION_MS,
        leaseMs: shop.IMAGE_LEASE_MS,
        imageUrl,
      }),
      changes.announce,
    ),
    ...customerRoutes(shared),
    ...operatorRoutes({ ...shared, passwords }),
    ...actionRoutes(shared),
    ...eventRoutes({ database, events: adapters.events, queue: options.queue, nowMs, log }),
    ...demoSaleRoutes({
      database,
      sales: config.DEMO_SALES ? createDemoSales({ redis: state, newId, nowMs }) : undefined,
    }),
    ...auditRoutes({ audits: options.audits }),
  ];
}
