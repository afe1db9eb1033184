import type { Read } from './connection-pool.ts';
import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';

/** Read from the writer alone for this long after the replica has failed: each attempt may take seconds. */
const REPLICA_PAUSE_MS = 5000;

/** 1146 and 1054, no such table or column: the replica lags behind a migration. */
const NOT_REPLICATED: ReadonlySet<unknown> = new Set([1146, 1054]);

/**
 * Reads from the replica. Reads from the writer instead while the replica cannot be reached, lacks tables of
 * this release, or no longer receives changes (replica-heartbeat.ts). A busy replica is no reason to switch:
 * the load would move to the writer.
 */
export function createReplicaReader({
  replica,
  writer,
  isFresh,
  log,
  nowMs,
}: {
  replica: Read;
  writer: Read;
  isFresh: () => boolean;
  log: Log;
  nowMs: () => number;
}): Read {
  let notBeforeMs = 0;
  return async (sql, values) => {
    if (nowMs() < notBeforeMs || !isFresh()) return writer(sql, values);
    try {
      return await replica(sql, values);
    } catch (error) {
      const isGone = error instanceof OperationalError && error.code === 'dependency_unavailable';
      if (!isGone && !NOT_REPLICATED.has((error as { errno?: unknown }).errno)) throw error;
      notBeforeMs = nowMs() + REPLICA_PAUSE_MS;
      log.warn('replica_skipped', {
        reason: error instanceof OperationalError ? failureReason(error) : String(error),
      });
      return writer(sql, values);
    }
  };
}
