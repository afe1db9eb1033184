import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { Authentication } from './authenticate.ts';
import type { LogInThrottle } from './log-in-throttle.ts';
import type { PasswordHasher } from './password.ts';
import { type Sessions, sessionIdOf } from './sessions.ts';
import { findUserByEmail, replacePasswordHash, type User } from './user-sql.ts';

export interface LogInDependencies {
  readonly database: Database;
  readonly passwords: PasswordHasher;
  readonly sessions: Sessions;
  readonly authentication: Pick<Authentication, 'rememberOpened'>;
  readonly throttle: LogInThrottle;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface LogInRequest {
  readonly email: string;
  readonly password: string;
  /** Of the visitor; see http/access/client-address.ts. */
  readonly address: string;
  /** The token that came with the request, if any. */
  readonly earlierToken: string | undefined;
}

export type LogInOutcome =
  | { readonly code: 'logged_in'; readonly token: string; readonly user: User }
  | { readonly code: 'invalid_credentials' }
  /** Too many have failed: the password was not looked at. */
  | { readonly code: 'rate_limited'; readonly waitMs: number };

/**
 * A new session for the right password; the one that the request came with ends. `invalid_credentials` for a wrong
 * password and for an unknown address alike, after the same amount of work.
 */
export async function logIn(dependencies: LogInDependencies, request: LogInRequest): Promise<LogInOutcome> {
  const { database, passwords, sessions, throttle, nowMs } = dependencies;
  const { email, password, address, earlierToken } = request;
  const attempt = await throttle.begin({ email, address });
  if (!attempt.isAllowed) return { code: 'rate_limited', waitMs: attempt.waitMs };
  try {
    const user = await findUserByEmail(database, email);
    const { isRight, anew } = await passwords.verify(password, user?.passwordHash, address);
    if (user === undefined || !isRight) return { code: 'invalid_credentials' };
    const token = await sessions.create(
      { userId: user.id, epoch: user.sessionEpoch, createdAtMs: nowMs() },
      user.role,
    );
    dependencies.authentication.rememberOpened(token);
    if (earlierToken !== undefined) await sessions.end(sessionIdOf(earlierToken));
    await attempt.succeeded();
    if (anew !== undefined) await keepAnew(dependencies, user, anew);
    return { code: 'logged_in', token, user };
  } catch (error) {
    // Busy, or something does not answer: no reason to hold it against anybody.
    await attempt.withdrawn();
    throw error;
  }
}

/** Only at a log-in is the password there to be hashed at the cost of now. Never throws OperationalError; the next log-in tries again. */
async function keepAnew(
  { database, log }: LogInDependencies,
  { id: userId, passwordHash: from }: User,
  to: string,
): Promise<void> {
  await orLog(
    () =>
      database.withTransaction({ name: 'hash_anew', rerunnable: true }, (tx) =>
        replacePasswordHash(tx, userId, { from, to }),
      ),
    { log, event: 'password_not_hashed_anew', fields: { userId } },
  );
}
