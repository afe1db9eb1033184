import { type Database, type DatabaseOptions, openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';

/** Opens a test's schema as the app does, with the clock of this process. The caller closes it. */
export function openAppDatabase(writerUrl: string, more: Partial<DatabaseOptions> = {}): Database {
  return openDatabase({
    writerUrl,
    connectionsMax: 4,
    log: createLog({ level: 'error', role: 'test', stage: 'test' }),
    nowMs: Date.now,
    random: Math.random,
    ...more,
  });
}
