import { pause } from '../platform/load/pause.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { isMigrated } from './migrate.ts';

const POLL_MS = 500;

/**
 * Resolves once the database is migrated to this release, or when the signal aborts. No role works before
 * that, and none fails because of it. Never rejects.
 */
export async function waitForSchema(
  { database, log }: { readonly database: Pick<Database, 'read'>; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (await isMigrated((sql) => database.read(sql))) return;
      log.warn('schema_not_migrated');
    } catch (error) {
      log.warn('database_not_ready', { error });
    }
    await pause(POLL_MS, signal);
  }
}
