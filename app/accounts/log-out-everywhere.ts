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
 * Ends every session of a user, also those that a Redis brings back which has forgotten that they ended: MySQL's
 * epoch is raised first, and a session is good for its own epoch only. What Redis holds goes at once; what it might
 * bring back later counts for as long as a process remembers an epoch (authenticate.ts), 30 s at most.
 */
export async function logOutEverywhere(
  { database, sessions, authentication, log }: LogOutEverywhereDependencies,
  userId: string,
): Promise<void> {
  await database.withTransaction({ name: 'log_out_everywhere', rerunnable: true }, (tx) =>
    raiseSessionEpoch(tx, userId),
  );
  authentication.forget(userId);
  // Sessions that stay in Redis are void all the same.
  await orLog(() => sessions.endAll(userId), { log, event: 'sessions_not_removed', fields: { userId } });
}
