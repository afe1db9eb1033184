import type { Database } from '../platform/mysql/database.ts';
import { isDuplicateKey } from '../platform/mysql/database-errors.ts';
import { openWallet } from '../wallet/wallet-sql.ts';
import type { PasswordHasher } from './password.ts';
import { insertUser, type User } from './user-sql.ts';

export interface SignUpDependencies {
  readonly database: Database;
  readonly passwords: PasswordHasher;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export interface SignUpRequest {
  readonly email: string;
  readonly password: string;
  /** The client's network address; see http/access/client-address.ts. */
  readonly address: string;
  readonly role?: User['role'];
}

export type SignUpResult =
  | { readonly code: 'signed_up'; readonly user: Omit<User, 'passwordHash' | 'sessionEpoch'> }
  | { readonly code: 'email_taken' };

/**
 * Creates an account and its empty wallet, both or neither. `email` is lower case. `role` is never taken from
 * a request.
 */
export async function signUp(
  { database, passwords, newId, nowMs }: SignUpDependencies,
  { email, password, address, role = 'customer' }: SignUpRequest,
): Promise<SignUpResult> {
  const user = { id: newId(), email, role, createdAt: new Date(nowMs()) };
  const passwordHash = await passwords.hash(password, address);
  try {
    await database.withTransaction({ name: 'sign_up', rerunnable: false }, async (tx) => {
      await insertUser(tx, { ...user, passwordHash });
      await openWallet(tx, user.id);
    });
  } catch (error) {
    if (isDuplicateKey(error)) return { code: 'email_taken' };
    throw error;
  }
  return { code: 'signed_up', user };
}
