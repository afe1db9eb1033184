/**
 * A process that rebuilds coupon counters and blocks in the middle; driven by redis-lock-blocked.test.ts. It
 * takes the lock, reads MySQL and reports the rows. It then blocks its event loop for longer than the lock
 * lives, and writes the stale rows to Redis.
 */
import { once } from 'node:events';
import { createCouponCounters } from '../../../app/coupons/coupon-counters.ts';
import { listCouponsLeft } from '../../../app/coupons/coupon-sql.ts';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createRedisLocks } from '../../../app/platform/redis/redis-lock.ts';
import { until } from '../../support/until.ts';

export interface LockHolderJob {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly lock: { readonly name: string; readonly ttlMs: number; readonly waitMaxMs: number };
  readonly blockMs: number;
}

const [job] = (await once(process, 'message')) as [LockHolderJob];
const log = createLog({ level: 'error', role: 'test', stage: 'test' });
const nowMs = () => Date.now();
const database = openDatabase({
  writerUrl: job.databaseUrl,
  connectionsMax: 1,
  log,
  nowMs,
  random: Math.random,
});
const store = openRedis({ url: job.redisUrl, role: 'state', log });
await store.ready(5000);
const outcome = await createRedisLocks({ store, log }).tryRun(job.lock, async (lost) => {
  const query = { at: new Date(nowMs()), claimable: true, after: undefined, limit: 10 };
  const coupons = await listCouponsLeft(database, query);
  process.send?.({ read: coupons.map(({ left }) => left) });
  // The message is sent in the background; after it, nothing else of this process runs.
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, job.blockMs);
  // The holder does not check `lost` first: it could not know yet.
  const wasKnownToBeLost = lost.aborted;
  // On a busy machine, its connection may be lost when it wakes up.
  await until('Redis has what was read', async () => {
    await createCouponCounters({ redis: store, log }).rebuild(coupons);
    return true;
  });
  return wasKnownToBeLost;
});
process.send?.({ outcome });
await Promise.all([database.close(), store.close()]);
process.disconnect();
