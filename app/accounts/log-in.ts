import type { Database } from '../platform/database.ts';
import type { PasswordHasher } from './password.ts';
import { type Sessions, sessionIdOf } from './sessions.ts';
import { findUserByEmail, type User } from './user-sql.ts';

export interface LogInDependencies {
  readonly database: Database;
  readonly passwords: PasswordHasher;
  readonly sessions: Sessions;
  readonly nowMs: () => number;
}

export interface LogInRequest {
  readonly email: string;
  readonly password: string;
  /** The token that came with the request, if any. */
  readonly earlierToken: string | undefined;
}

/**
 * A new session for the right password; the one that the request came with ends. Returns `invalid_credentials`
 * for a wrong password and for an unknown address alike, after the same amount of work.
 */
export async function logIn(
  { database, passwords, sessions, nowMs }: LogInDependencies,
  { email, password, earlierToken }: LogInRequest,
): Promise<{ token: string; user: User } | 'invalid_credentials'> {
  const user = await findUserByEmail(database, email);
  const isRight = await passwords.verify(password, user?.passwordHash);
  if (user === undefined || !isRight) return 'invalid_credentials';
  const token = await sessions.create({ userId: user.id, epoch: user.sessionEpoch, createdAtMs: nowMs() });
  if (earlierToken !== undefined) await sessions.end(sessionIdOf(earlierToken));
  return { token, user };
}
