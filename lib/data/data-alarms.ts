import type { RunbookAlarms } from '../observability/runbook-alarms.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import type { DatabaseAccounts } from './database-accounts.ts';
import { databaseAlarms } from './database-alarms.ts';
import type { MysqlDatabase } from './mysql-database.ts';
import { redisAlarms } from './redis-alarms.ts';
import type { RedisStore } from './redis-store.ts';
import { rotationAlarm } from './rotation-alarm.ts';

export interface WatchedData {
  readonly database: Pick<MysqlDatabase, 'instance' | 'replica'>;
  readonly accounts: Pick<DatabaseAccounts, 'rotationFunctionNames'>;
  /** The same object for both roles if they share a group. */
  readonly redis: Readonly<Record<'state' | 'cache', Pick<RedisStore, 'nodeIds'>>>;
}

/** Alarms on database and Redis: resources that run out, and events that should never happen. */
export function dataAlarms(alarms: RunbookAlarms, data: WatchedData, settings: StageSettings): void {
  const { database, accounts, redis } = data;
  databaseAlarms(alarms, database, settings);
  rotationAlarm(alarms, accounts.rotationFunctionNames);
  redisAlarms(alarms, { role: 'state', nodeIds: redis.state.nodeIds, settings: settings.redis });
  if (redis.cache === redis.state) return;
  redisAlarms(alarms, { role: 'cache', nodeIds: redis.cache.nodeIds, settings: settings.redis });
}
