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
  /** The client's network address; see http/access/client-address.ts. */
  readonly address: string;
  /** The session token that the request carries, if any. */
  readonly earlierToken: string | undefined;
}

export type LogInOutcome =
  | { readonly code: 'logged_in'; readonly token: string; readonly user: User }
  | { readonly code: 'invalid_credentials' }
  /** Too many log-ins have failed: the password was not checked. */
  | { readonly code: 'rate_limited'; readonly waitMs: number };

/**
 * Creates a session for the right password and ends the session that the request carries. Returns
 * `invalid_credentials` for a wrong password and for an unknown address alike, after the same amount of work.
 */
export async function logIn(dependencies: LogInDependencies, request: LogInRequest): Promise<LogInOutcome> {
  const { database, passwords, sessions, throttle, nowMs } = dependencies;
  const { email, password, address, earlierToken } = request;
  const attempt = await throttle.begin({ email, address });
  if (attempt.code === 'rate_limited') return attempt;
  try {
    const user = await findUserByEmail(database, email);
    const { isRight, rehashed } = await passwords.verify(password, user?.passwordHash, address);
    if (user === undefined || !isRight || user.disabledAt !== undefined)
      return { code: 'invalid_credentials' };
    const token = await sessions.create(
      { userId: user.id, epoch: user.sessionEpoch, createdAtMs: nowMs() },
      user.role,
    );
    dependencies.authentication.rememberOpened(token);
    if (earlierToken !== undefined) await sessions.end(sessionIdOf(earlierToken));
    await attempt.succeeded();
    if (rehashed !== undefined) await rehashPassword(dependencies, user, rehashed);
    return { code: 'logged_in', token, user };
  } catch (error) {
    // The hasher is busy or a server does not respond: the attempt must not count as a failure.
    await attempt.withdrawn();
    throw error;
  }
}

/**
 * Stores the password hashed at the current cost, which only a log-in can do: it has the password. Never
 * throws OperationalError; the next log-in tries again.
 */
async function rehashPassword(
  { database, log }: LogInDependencies,
  { id: userId, passwordHash: from }: User,
  to: string,
): Promise<void> {
  await orLog(
    () =>
      database.withTransaction({ name: 'hash_anew', rerunnable: true }, (tx) =>
        replacePasswordHash(tx, userId, { from, to }),
      ),
    { log, event: 'password_not_rehashed', fields: { userId } },
  );
}
