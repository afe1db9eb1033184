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

/** What runs out on the database, how its transactions end, and how far its replica is behind. */
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
    above: connectionsMax(settings) + othersMax,
    periods: 5,
  });
  alarms.add({
    runbook: 'database-memory',
    severity: 'mail',
    says: 'The database has almost no memory left and will begin to swap.',
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
    says: `The ${about} has less free than ${STORAGE_SHARE_MIN * 100} % of ${storageGb} GB: it does not grow.`,
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
    says: 'Transactions give up waiting for locks that somebody holds for longer than a second.',
    metric: sumOverRoles('LockWaitTimeouts', stage, fiveMinutes.period),
    above: LOCK_WAITS_MAX,
    periods: 1,
  });
}

function credits(alarms: RunbookAlarms, instance: IDatabaseInstance): void {
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

function replicaLag(alarms: RunbookAlarms, replica: IDatabaseInstance): void {
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
