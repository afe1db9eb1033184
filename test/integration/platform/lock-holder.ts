/**
 * A process that rebuilds coupon counters and stands still in the middle of it, driven by
 * redis-lock-blocked.test.ts: it takes the lock, reads MySQL, says so, blocks its event loop for longer than
 * the lock lives, and then writes what it has read to Redis.
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
  // The message leaves by itself; nothing else of this process runs any more.
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, job.blockMs);
  // It does not look at `lost` first: it could not yet know.
  const wasKnownToBeLost = lost.aborted;
  // On a busy machine its connection may be lost when it wakes up.
  await until('Redis has what was read', async () => {
    await createCouponCounters({ redis: store, log }).rebuild(coupons);
    return true;
  });
  return wasKnownToBeLost;
});
process.send?.({ outcome });
await Promise.all([database.close(), store.close()]);
process.disconnect();
