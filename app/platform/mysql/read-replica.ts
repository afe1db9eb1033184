import type { Read } from './connection-pool.ts';
import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';

/** How long the writer is asked alone after the replica has failed: each try may take seconds. */
const REPLICA_PAUSE_MS = 5000;

/** 1146 and 1054, no such table or column: the replica lags behind a migration. */
const NOT_REPLICATED: ReadonlySet<unknown> = new Set([1146, 1054]);

/**
 * Reads from the replica, and from the writer while the replica cannot be reached, has not got the tables yet, or no
 * longer gets what is written (replica-heartbeat.ts). A
 * replica that is merely busy is no reason: the crowd would be at the writer next.
 */
export function readReplica({
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
      log.warn('replica_passed_over', {
        reason: error instanceof OperationalError ? failureReason(error) : String(error),
      });
      return writer(sql, values);
    }
  };
}
