import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { DataStack } from './data-stack.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { connectionsMax, othersMax } from '../settings/database-connections.ts';
import type { RedisStore } from './redis-store.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';
import { sumOverRoles } from '../observability/shop-metric.ts';

const BUSY_PERCENT = 80;
const MEMORY_SHARE_MIN = 0.05;
/** RDS lets the storage grow at 10 % free: below this it has not done so, or may not. */
const STORAGE_SHARE_MIN = 0.07;
const GIB = 2 ** 30;
/** The lock order allows none; a few have come from people at a console. */
const DEADLOCKS_MAX = 5;
/** A group waits a second at a time, so one lock held for half a minute. */
const LOCK_WAITS_MAX = 30;
const REPLICA_LAG_MAX_S = 30;
/** Stands for "without end". */
const REPLICA_STOPPED_S = 86_400;
/** A quarter of an hour of both cores. */
const CREDITS_MIN = 30;
/** Below it a burstable node earns more than it spends. */
const BASELINE_PERCENT = 20;
const REDIS_LAG_MAX_S = 10;
const REDIS_BUSY_PERCENT = 90;

/** The database and Redis: what runs out, and what should never happen. */
export function dataAlarms(alarms: RunbookAlarms, data: DataStack, settings: StageSettings): void {
  databaseAlarms(alarms, data, settings);
  rotationAlarm(alarms, data);
  for (const role of ['state', 'cache'] as const) {
    const store = data.redis[role];
    if (role === 'cache' && store === data.redis.state) continue;
    redisAlarms(alarms, store, role, settings.redis);
  }
}

function databaseAlarms(alarms: RunbookAlarms, { database }: DataStack, stageSettings: StageSettings): void {
  const { name: stage, database: settings } = stageSettings;
  const { instance, replica } = database;
  alarms.add({
    runbook: 'database-busy',
    severity: 'mail',
    says: `The database has used more than ${BUSY_PERCENT} % of its processors for a quarter of an hour.`,
    metric: instance.metricCPUUtilization({ ...fiveMinutes, statistic: Stats.AVERAGE }),
    above: BUSY_PERCENT,
    periods: 3,
  });
  alarms.add({
    runbook: 'database-connections',
    severity: 'page',
    says: 'More connections are open than the processes of the stage, its releases and people need together.',
    metric: instance.metricDatabaseConnections({ ...oneMinute, statistic: Stats.MAXIMUM }),
    above: connectionsMax(stageSettings) + othersMax,
    periods: 5,
  });
  alarms.add({
    runbook: 'database-memory',
    severity: 'mail',
    says: 'The database has almost no memory left and will begin to swap.',
    metric: instance.metricFreeableMemory({ ...fiveMinutes, statistic: Stats.MINIMUM }),
    below: Math.floor(settings.memoryGib * GIB * MEMORY_SHARE_MIN),
    periods: 3,
  });
  const stores = { writer: instance, ...(replica === undefined ? {} : { replica }) };
  for (const [about, store] of Object.entries(stores)) {
    alarms.add({
      runbook: 'database-storage',
      ...(about === 'writer' ? {} : { about }),
      severity: 'page',
      says: `The ${about} has less free than ${STORAGE_SHARE_MIN * 100} % of ${settings.storageGb} GB: it does not grow.`,
      metric: store.metricFreeStorageSpace({ ...fiveMinutes, statistic: Stats.MINIMUM }),
      below: Math.floor(settings.storageGb * GIB * STORAGE_SHARE_MIN),
      periods: 3,
    });
  }
  alarms.add({
    runbook: 'database-deadlocks',
    severity: 'mail',
    says: 'Transactions deadlock, which the lock order rules out.',
    metric: sumOverRoles('Deadlocks', stage, fiveMinutes.period),
    above: DEADLOCKS_MAX,
    periods: 1,
  });
  alarms.add({
    runbook: 'database-lock-waits',
    severity: 'mail',
    says: 'Transactions give up waiting for locks that somebody holds for longer than a second.',
    metric: sumOverRoles('LockWaitTimeouts', stage, fiveMinutes.period),
    above: LOCK_WAITS_MAX,
    periods: 1,
  });
  if (settings.instanceType.startsWith('t')) {
    alarms.add({
      runbook: 'database-credits',
      severity: 'mail',
      says: 'The burstable database works above its baseline for longer than its credits last, and AWS charges for it.',
      // RDS runs these classes as unlimited: they do not slow down. A balance would be low on every new one.
      metric: instance.metric('CPUSurplusCreditsCharged', { ...fiveMinutes, statistic: Stats.SUM }),
      above: 0,
      periods: 3,
    });
  }
  if (replica !== undefined) {
    alarms.add({
      runbook: 'replica-lag',
      severity: 'mail',
      says: `The replica is more than ${REPLICA_LAG_MAX_S} s behind, has stopped, or reports nothing.`,
      metric: new MathExpression({
        // RDS reports -1 while replication is not active.
        expression: `IF(lag < 0, ${REPLICA_STOPPED_S}, lag)`,
        usingMetrics: { lag: replica.metric('ReplicaLag', { ...oneMinute, statistic: Stats.MAXIMUM }) },
        ...oneMinute,
      }),
      above: REPLICA_LAG_MAX_S,
      periods: 5,
      missingIsBad: true,
    });
  }
}

function rotationAlarm(alarms: RunbookAlarms, { accounts }: DataStack): void {
  const usingMetrics = Object.fromEntries(
    accounts.rotationFunctionNames.map((FunctionName, index) => [
      `rotation${index + 1}`,
      new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: { FunctionName },
        ...fiveMinutes,
        statistic: Stats.SUM,
      }),
    ]),
  );
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  alarms.add({
    runbook: 'rotation-fails',
    severity: 'mail',
    says: 'A password of the database could not be changed; the one before it stays in force.',
    metric: new MathExpression({ expression, usingMetrics, ...fiveMinutes }),
    above: 0,
    periods: 1,
  });
}

function redisAlarms(
  alarms: RunbookAlarms,
  { nodeIds }: RedisStore,
  role: 'state' | 'cache',
  settings: StageSettings['redis'],
): void {
  const ofNodes = (prefix: string, metricName: string, statistic: string) =>
    Object.fromEntries(
      nodeIds.map((CacheClusterId, index) => [
        `${prefix}${index + 1}`,
        new Metric({
          namespace: 'AWS/ElastiCache',
          metricName,
          dimensionsMap: { CacheClusterId },
          ...oneMinute,
          statistic,
        }),
      ]),
    );
  // Any node may be the primary one after a failover.
  const worst = (metricName: string, statistic: string) => {
    const usingMetrics = ofNodes('node', metricName, statistic);
    const [only] = Object.values(usingMetrics);
    if (only !== undefined && nodeIds.length === 1) return only;
    const expression = `MAX([${Object.keys(usingMetrics).join(', ')}])`;
    return new MathExpression({ expression, usingMetrics, ...oneMinute });
  };
  // With one or two cores the background work counts as much as the thread that runs commands, says AWS.
  const isSmall = /\.(micro|small|medium|large)$/.test(settings.nodeType);
  const busy = isSmall
    ? { metricName: 'CPUUtilization', percent: REDIS_BUSY_PERCENT }
    : { metricName: 'EngineCPUUtilization', percent: BUSY_PERCENT };
  alarms.add({
    runbook: 'redis-busy',
    about: role,
    severity: 'mail',
    says: `Redis (${role}) has been busy for more than ${busy.percent} % of five minutes.`,
    metric: worst(busy.metricName, Stats.AVERAGE),
    above: busy.percent,
    periods: 5,
  });
  if (settings.nodeType.startsWith('t')) {
    const usingMetrics = {
      ...ofNodes('credits', 'CPUCreditBalance', Stats.MINIMUM),
      ...ofNodes('cpu', 'CPUUtilization', Stats.AVERAGE),
    };
    // A new node has few credits and spends none.
    const spent = nodeIds.map(
      (_, index) => `IF(credits${index + 1} < ${CREDITS_MIN} && cpu${index + 1} > ${BASELINE_PERCENT}, 1, 0)`,
    );
    alarms.add({
      runbook: 'redis-credits',
      about: role,
      severity: 'mail',
      says: `A node of Redis (${role}) works above its baseline and has almost no processor credits left.`,
      metric: new MathExpression({ expression: spent.join(' + '), usingMetrics, ...oneMinute }),
      above: 0,
      periods: 5,
    });
  }
  if (settings.replicas > 0) {
    alarms.add({
      runbook: 'redis-replication',
      about: role,
      severity: 'mail',
      says: `A replica of Redis (${role}) is more than ${REDIS_LAG_MAX_S} s behind: a failover would lose that much.`,
      metric: worst('ReplicationLag', Stats.MAXIMUM),
      above: REDIS_LAG_MAX_S,
      periods: 5,
    });
  }
  // A full cache is a good cache.
  if (role === 'cache') return;
  alarms.add({
    runbook: 'redis-memory',
    severity: 'page',
    says: `Redis (state) has used ${BUSY_PERCENT} % of its memory and will refuse log-ins when it is full.`,
    metric: worst('DatabaseMemoryUsagePercentage', Stats.MAXIMUM),
    above: BUSY_PERCENT,
    periods: 5,
  });
  alarms.add({
    runbook: 'redis-evictions',
    severity: 'mail',
    says: 'Redis (state) throws keys away, which its parameters forbid.',
    metric: worst('Evictions', Stats.SUM),
    above: 0,
    periods: 1,
  });
}
