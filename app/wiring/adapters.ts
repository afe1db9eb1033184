/** Opens the servers that a process uses. Part of the composition root. */
import { randomUUID } from 'node:crypto';
import { createCatalogueChanges } from '../catalogue/catalogue-changes.ts';
import type { EventsConfig } from '../config/events.ts';
import type { SharedConfig } from '../config/shared.ts';
import type { ShopConfig } from '../config/shop.ts';
import { createCouponCounters } from '../coupons/coupon-counters.ts';
import { createImageCodec } from '../images/image-codec.ts';
import { IMAGE_PIXELS_MAX } from '../images/image-limits.ts';
import { openBucket } from '../platform/aws/s3.ts';
import { createSecretLogin } from '../platform/aws/secret-login.ts';
import { openDatabase } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { openRedis } from '../platform/redis/redis.ts';
import { createRedisLocks } from '../platform/redis/redis-lock.ts';
import { createUuidSource } from '../platform/uuid.ts';
import { openEvents } from './events.ts';
import type { ShopMetrics } from './metrics.ts';

const machineOffsetMs = Number(process.hrtime.bigint() / 1000n) / 1000 - performance.now();

/** Clocks and randomness of the process, passed to whatever needs them. */
export const surroundings = {
  processMs: () => Date.now(),
  /** Monotonic: setting the clock does not change it. For durations within the process. */
  steadyMs: () => Math.floor(performance.now()),
  /** Monotonic, and the same in all processes of the machine, which performance.now is not. */
  machineMs: () => performance.now() + machineOffsetMs,
  random: () => Math.random(),
  newRequestId: () => randomUUID(),
} as const;

export interface AdapterOptions {
  readonly config: SharedConfig;
  readonly eventsConfig: EventsConfig;
  readonly replicaUrl: string | undefined;
  /** Whether the process receives order events. */
  readonly consumes: boolean;
  readonly measured: ShopMetrics;
  readonly log: Log;
}

export type Adapters = ReturnType<typeof openAdapters>;

/** Database and transport of order events, which every role uses. */
export function openAdapters(options: AdapterOptions) {
  const { config, eventsConfig, replicaUrl, consumes, measured, log } = options;
  const { metrics } = measured;
  const countRetry = metrics.counter('TransactionRetries');
  const countConflict = {
    deadlock: metrics.counter('Deadlocks'),
    timeout: metrics.counter('LockWaitTimeouts'),
  };
  const database = openDatabase({
    writerUrl: config.DATABASE_URL,
    replicaUrl,
    readLogin: createSecretLogin(config),
    connectionsMax: config.DATABASE_POOL_MAX,
    log,
    nowMs: surroundings.processMs,
    // Not rounded: the estimate of the database's clock uses it.
    steadyMs: () => performance.now(),
    random: surroundings.random,
    onRetry: () => countRetry(),
    onLockConflict: (kind) => countConflict[kind](),
  });
  metrics.gauge('DatabaseWaiting', async () => database.waiting());
  const events = openEvents({ config: eventsConfig, shared: config, measured, consumes, log });
  // The database's clock decides for all processes, and ids, which sort lists, carry its time.
  const { nowMs } = database;
  return {
    database,
    events,
    eventsFormat: eventsConfig.EVENTS_FORMAT,
    nowMs,
    newId: createUuidSource(nowMs),
    close: async () => {
      await Promise.all([database.close(), events.close()]);
    },
  };
}

export type ShopAdapters = ReturnType<typeof openShopAdapters>;

/** State in Redis and the image bucket, which the roles api and worker use. */
export function openShopAdapters(
  { shared, shop }: { readonly shared: SharedConfig; readonly shop: ShopConfig },
  log: Log,
) {
  const state = openRedis({ url: shop.REDIS_STATE_URL, role: 'state', log });
  const bucket = openBucket({
    region: shared.AWS_REGION,
    endpoint: shared.AWS_ENDPOINT_URL,
    bucket: shop.IMAGES_BUCKET,
  });
  return {
    state,
    bucket,
    codec: createImageCodec({ pixelsMax: IMAGE_PIXELS_MAX, blockOtherDecoders: true }),
    counters: createCouponCounters({ redis: state, log }),
    locks: createRedisLocks({ store: state, log }),
    changes: createCatalogueChanges({ redis: state, log }),
    close: async () => {
      await state.close();
      bucket.close();
    },
  };
}
