import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DataStack } from '../stacks/data-stack.ts';
import type { StageSettings } from '../stages.ts';
import { connectionsMax, othersMax } from '../check-settings.ts';
import type { RedisStore } from './redis-store.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from './runbook-alarms.ts';
import { sumOverRoles } from './shop-metric.ts';

const BUSY_PERCENT = 80;
const MEMORY_SHARE_MIN = 0.05;
const STORAGE_SHARE_MIN = 0.15;
const GIB = 2 ** 30;
/** The lock order allows none; a few have come from people at a console. */
const DEADLOCKS_MAX = 5;
/** A group waits a second at a time, so one lock held for half a minute. */
const LOCK_WAITS_MAX = 30;
const REPLICA_LAG_MAX_S = 30;
/** An hour and a half of one core at the level that a t4g.micro earns. */
const CREDITS_MIN = 20;

/** The database and Redis: what runs out, and what should never happen. */
export function dataAlarms(alarms: RunbookAlarms, data: DataStack, settings: StageSettings): void {
  databaseAlarms(alarms, data, settings);
  for (const role of ['state', 'cache'] as const) {
    const store = data.redis[role];
    if (role === 'cache' && store === data.redis.state) continue;
    redisAlarms(alarms, store, role);
  }
}

function databaseAlarms(alarms: RunbookAlarms, { database }: DataStack, stageSettings: StageSettings): void {
  const { name: stage, database: settings } = stageSettings;
  const { instance, replica } = database;
  alarms.add({
    runbook: 'database-busy',
    says: `The database has used more than ${BUSY_PERCENT} % of its processors for a quarter of an hour.`,
    metric: instance.metricCPUUtilization({ ...fiveMinutes, statistic: Stats.AVERAGE }),
    above: BUSY_PERCENT,
    periods: 3,
  });
  alarms.add({
    runbook: 'database-connections',
    says: 'More connections are open than the processes of the stage, its releases and people need together.',
    metric: instance.metricDatabaseConnections({ ...oneMinute, statistic: Stats.MAXIMUM }),
    above: connectionsMax(stageSettings) + othersMax,
    periods: 5,
  });
  alarms.add({
    runbook: 'database-memory',
    says: 'The database has almost no memory left and will begin to swap.',
    metric: instance.metricFreeableMemory({ ...fiveMinutes, statistic: Stats.MINIMUM }),
    below: Math.floor(settings.memoryGib * GIB * MEMORY_SHARE_MIN),
    periods: 3,
  });
  alarms.add({
    runbook: 'database-storage',
    says: `Less than ${STORAGE_SHARE_MIN * 100} % of the first ${settings.storageGb} GB are free.`,
    metric: instance.metricFreeStorageSpace({ ...fiveMinutes, statistic: Stats.MINIMUM }),
    below: Math.floor(settings.storageGb * GIB * STORAGE_SHARE_MIN),
    periods: 3,
  });
  alarms.add({
    runbook: 'database-deadlocks',
    says: 'Transactions deadlock, which the lock order rules out.',
    metric: sumOverRoles('Deadlocks', stage, fiveMinutes.period),
    above: DEADLOCKS_MAX,
    periods: 1,
  });
  alarms.add({
    runbook: 'database-lock-waits',
    says: 'Transactions give up waiting for locks that somebody holds for longer than a second.',
    metric: sumOverRoles('LockWaitTimeouts', stage, fiveMinutes.period),
    above: LOCK_WAITS_MAX,
    periods: 1,
  });
  if (settings.instanceType.startsWith('t')) {
    alarms.add({
      runbook: 'database-credits',
      says: 'The burstable database runs out of credits and will slow down.',
      metric: instance.metric('CPUCreditBalance', { ...fiveMinutes, statistic: Stats.MINIMUM }),
      below: CREDITS_MIN,
      periods: 3,
    });
  }
  if (replica !== undefined) {
    alarms.add({
      runbook: 'replica-lag',
      says: `The replica, which the catalogue is read from, is more than ${REPLICA_LAG_MAX_S} s behind.`,
      metric: replica.metric('ReplicaLag', { ...oneMinute, statistic: Stats.MAXIMUM }),
      above: REPLICA_LAG_MAX_S,
      periods: 5,
    });
  }
}

function redisAlarms(alarms: RunbookAlarms, { nodeIds }: RedisStore, role: 'state' | 'cache'): void {
  // Any node may be the primary one after a failover.
  const worst = (metricName: string, statistic: string) => {
    const usingMetrics = Object.fromEntries(
      nodeIds.map((CacheClusterId, index) => [
        `node${index + 1}`,
        new Metric({
          namespace: 'AWS/ElastiCache',
          metricName,
          dimensionsMap: { CacheClusterId },
          ...oneMinute,
          statistic,
        }),
      ]),
    );
    const [only] = Object.values(usingMetrics);
    if (only !== undefined && nodeIds.length === 1) return only;
    const expression = `MAX([${Object.keys(usingMetrics).join(', ')}])`;
    return new MathExpression({ expression, usingMetrics, ...oneMinute });
  };
  alarms.add({
    runbook: 'redis-busy',
    about: role,
    says: `The one thread of Redis (${role}) has been busy for more than ${BUSY_PERCENT} % of five minutes.`,
    metric: worst('EngineCPUUtilization', Stats.AVERAGE),
    above: BUSY_PERCENT,
    periods: 5,
  });
  // A full cache is a good cache.
  if (role === 'cache') return;
  alarms.add({
    runbook: 'redis-memory',
    says: `Redis (state) has used ${BUSY_PERCENT} % of its memory and will refuse log-ins when it is full.`,
    metric: worst('DatabaseMemoryUsagePercentage', Stats.MAXIMUM),
    above: BUSY_PERCENT,
    periods: 5,
  });
  alarms.add({
    runbook: 'redis-evictions',
    says: 'Redis (state) throws keys away, which its parameters forbid.',
    metric: worst('Evictions', Stats.SUM),
    above: 0,
    periods: 1,
  });
}
