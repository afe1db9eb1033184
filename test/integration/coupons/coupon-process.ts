import { createCouponCounters } from '../../../app/coupons/coupon-counters.ts';
import { createCouponDefinitions } from '../../../app/coupons/coupon-definitions.ts';
import type { CouponClaim, IssueResult } from '../../../app/coupons/decide-issues.ts';
import { issueCoupon, type IssueCouponResult } from '../../../app/coupons/issue-coupon.ts';
import { reconcileCounters } from '../../../app/coupons/reconcile-counters.ts';
import { recordIssues } from '../../../app/coupons/record-issues.ts';
import { createBatchLane } from '../../../app/platform/load/batch-lane.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createRedisLocks } from '../../../app/platform/redis/redis-lock.ts';
import { newUuid } from '../../../app/platform/uuid.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';

export interface CouponProcessOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Wraps each claim's way to MySQL and back. */
  readonly around?: (record: () => Promise<IssueResult>) => Promise<IssueResult>;
  /** Awaited after each read of MySQL outside a transaction, before the process sees the rows. */
  readonly afterRead?: (sql: string) => unknown;
}

export interface CouponProcess {
  issue(claim: { readonly couponId: string; readonly userId: string }): Promise<IssueCouponResult>;
  /** Number of claims that reached MySQL. */
  readonly recordedCount: number;
  /** Starts what the worker does about every 20 ms; returns how to stop it. */
  startReconciler(): () => Promise<void>;
}

/** What one process needs to issue coupons, on its own connections. Closes with the test. */
export async function openCouponProcess({
  databaseUrl,
  redisUrl,
  around = (record) => record(),
  afterRead = () => undefined,
}: CouponProcessOptions): Promise<CouponProcess> {
  const log = createLog({ level: 'error', role: 'test', stage: 'test' });
  const nowMs = () => Date.now();
  const store = openRedis({ url: redisUrl, role: 'state', log });
  const pool = openAppDatabase(databaseUrl);
  onCleanup(async () => {
    await Promise.all([store.close(), pool.close()]);
  });
  await store.ready(5000);
  const database: Database = {
    ...pool,
    read: async (sql, values) => {
      const rows = await pool.read(sql, values);
      await afterRead(sql);
      return rows as never;
    },
  };
  const counters = createCouponCounters({ redis: store, log });
  let recordedCount = 0;
  const issues = createBatchLane({
    execute: (claims: readonly CouponClaim[]) => {
      recordedCount += claims.length;
      return recordIssues({ database, nowMs }, claims);
    },
    groupMax: 128,
    queueMax: 1000,
    waitMaxMs: 5000,
    lanes: 1,
    nowMs,
  });
  const claiming = {
    database,
    counters,
    findDefinition: createCouponDefinitions({ database, nowMs }),
    issues: { ...issues, submit: (claim: CouponClaim) => around(() => issues.submit(claim)) },
    newId: newUuid,
    nowMs,
    log,
  };
  const locks = createRedisLocks({ store, log });
  const reconciling = { ...claiming, locks, everyMs: 20, random: Math.random };
  return {
    issue: (claim) => issueCoupon(claiming, claim),
    get recordedCount() {
      return recordedCount;
    },
    startReconciler: () => {
      const ended = new AbortController();
      const finished = reconcileCounters(reconciling, ended.signal);
      const stop = async () => {
        ended.abort();
        await finished;
      };
      onCleanup(stop);
      return stop;
    },
  };
}
