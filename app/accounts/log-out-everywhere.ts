import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { Authentication } from './authenticate.ts';
import type { Sessions } from './sessions.ts';
import { raiseSessionEpoch } from './user-sql.ts';

export interface LogOutEverywhereDependencies {
  readonly database: Database;
  readonly sessions: Sessions;
  readonly authentication: Authentication;
  readonly log: Log;
}

/**
 * Ends every session of a user, including sessions that a Redis failover may bring back. It raises the epoch
 * in MySQL first: a session is valid for its own epoch only. Sessions that Redis holds end at once. Sessions
 * brought back later stay valid for as long as a process caches the epoch (authenticate.ts), 30 s at most.
 */
export async function logOutEverywhere(
  { database, sessions, authentication, log }: LogOutEverywhereDependencies,
  userId: string,
): Promise<void> {
  await database.withTransaction({ name: 'log_out_everywhere', rerunnable: true }, (tx) =>
    raiseSessionEpoch(tx, userId),
  );
  authentication.forget(userId);
  // Sessions that stay in Redis are invalid: the epoch has been raised.
  await orLog(() => sessions.endAll(userId), { log, event: 'sessions_not_removed', fields: { userId } });
}
