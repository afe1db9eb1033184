import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';
import { sumOverRoles } from '../observability/shop-metric.ts';
import { connectionsMax, othersMax } from '../settings/database-connections.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

export interface WatchedDatabase {
  readonly instance: IDatabaseInstance;
  readonly replica: IDatabaseInstance | undefined;
}

const BUSY_PERCENT = 80;
const MEMORY_SHARE_MIN = 0.05;
/** RDS grows the storage at 10 % free space. Less means that it has not grown or has reached its limit. */
const STORAGE_SHARE_MIN = 0.07;
const GIB = 2 ** 30;
/** The lock order allows no deadlock; a few come from people at a console. */
const DEADLOCKS_MAX = 5;
/** A group waits one second at a time, so this is one lock held for half a minute. */
const LOCK_WAITS_MAX = 30;
const REPLICA_LAG_MAX_S = 30;
/** Reported instead of a lag when replication has stopped. */
const REPLICA_STOPPED_S = 86_400;

/** Alarms on the database's resources, on failed transactions and on the replica's lag. */
export function databaseAlarms(
  alarms: RunbookAlarms,
  { instance, replica }: WatchedDatabase,
  settings: StageSettings,
): void {
  limits(alarms, instance, settings);
  storage(alarms, 'writer', instance, settings.database);
  if (replica !== undefined) storage(alarms, 'replica', replica, settings.database);
  lostTransactions(alarms, settings.name);
  if (settings.database.instanceType.startsWith('t')) credits(alarms, instance);
  if (replica !== undefined) replicaLag(alarms, replica);
}

function limits(alarms: RunbookAlarms, instance: IDatabaseInstance, settings: StageSettings): void {
  alarms.add({
    runbook: 'database-busy',
    severity: 'mail',
    says: `The database has used more than ${BUSY_PERCENT} % of its CPU for 15 minutes.`,
    metric: instance.metricCPUUtilization({ ...fiveMinutes, statistic: Stats.AVERAGE }),
    above: BUSY_PERCENT,
    periods: 3,
  });
  alarms.add({
    runbook: 'database-connections',
    severity: 'page',
    says: 'More connections are open than processes, releases and operators can need together.',
    metric: instance.metricDatabaseConnections({ ...oneMinute, statistic: Stats.MAXIMUM }),
    above: connectionsMax(settings) + othersMax,
    periods: 5,
  });
  alarms.add({
    runbook: 'database-memory',
    severity: 'mail',
    says: 'The database has almost no free memory and will start to swap.',
    metric: instance.metricFreeableMemory({ ...fiveMinutes, statistic: Stats.MINIMUM }),
    below: Math.floor(settings.database.memoryGib * GIB * MEMORY_SHARE_MIN),
    periods: 3,
  });
}

function storage(
  alarms: RunbookAlarms,
  about: 'writer' | 'replica',
  instance: IDatabaseInstance,
  { storageGb }: StageSettings['database'],
): void {
  alarms.add({
    runbook: 'database-storage',
    ...(about === 'writer' ? {} : { about }),
    severity: 'page',
    says:
      `The ${about} has less than ${STORAGE_SHARE_MIN * 100} % of ${storageGb} GB free, ` +
      'and its storage does not grow.',
    metric: instance.metricFreeStorageSpace({ ...fiveMinutes, statistic: Stats.MINIMUM }),
    below: Math.floor(storageGb * GIB * STORAGE_SHARE_MIN),
    periods: 3,
  });
}

function lostTransactions(alarms: RunbookAlarms, stage: string): void {
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
    says: 'Transactions fail because a lock is held for longer than a second.',
    metric: sumOverRoles('LockWaitTimeouts', stage, fiveMinutes.period),
    above: LOCK_WAITS_MAX,
    periods: 1,
  });
}

function credits(alarms: RunbookAlarms, instance: IDatabaseInstance): void {
  alarms.add({
    runbook: 'database-credits',
    severity: 'mail',
    says: 'The burstable database has run above its baseline beyond its credits, and AWS charges for it.',
    // RDS runs these classes as unlimited, so they do not slow down. A balance would be low on every new
    // instance.
    metric: instance.metric('CPUSurplusCreditsCharged', { ...fiveMinutes, statistic: Stats.SUM }),
    above: 0,
    periods: 3,
  });
}

function replicaLag(alarms: RunbookAlarms, replica: IDatabaseInstance): void {
  alarms.add({
    runbook: 'replica-lag',
    severity: 'mail',
    says: `The replica is more than ${REPLICA_LAG_MAX_S} s behind, has stopped or reports no data.`,
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
