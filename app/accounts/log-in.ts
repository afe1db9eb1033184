import type { Database } from '../platform/database.ts';
import type { PasswordHasher } from './password.ts';
import type { Sessions } from './sessions.ts';
import { findUserByEmail, type User } from './user-sql.ts';

export interface LogInDependencies {
  readonly database: Database;
  readonly passwords: PasswordHasher;
  readonly sessions: Sessions;
  readonly nowMs: () => number;
}

/**
 * A new session for the right password. Returns `invalid_credentials` for a wrong password and for an unknown
 * address alike, after the same amount of work.
 */
export async function logIn(
  { database, passwords, sessions, nowMs }: LogInDependencies,
  { email, password }: { email: string; password: string },
): Promise<{ token: string; user: User } | 'invalid_credentials'> {
  const user = await findUserByEmail(database, email);
  const isRight = await passwords.verify(password, user?.passwordHash);
  if (user === undefined || !isRight) return 'invalid_credentials';
  const token = await sessions.create({ userId: user.id, epoch: user.sessionEpoch, createdAtMs: nowMs() });
  return { token, user };
}
