import type { AdminRole } from '../http/contract/admin-role.ts';
import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
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
  /** For an admin, whose account is recorded in the trail. Never taken from a request of theirs. */
  readonly admin?: { readonly adminRole: AdminRole; readonly actor: Actor };
}

export type SignUpResult =
  | { readonly code: 'signed_up'; readonly user: Omit<User, 'passwordHash' | 'sessionEpoch' | 'disabledAt'> }
  | { readonly code: 'email_taken' };

/**
 * Creates an account and its empty wallet, both or neither. `email` is lower case.
 */
export async function signUp(
  { database, passwords, newId, nowMs }: SignUpDependencies,
  { email, password, address, admin }: SignUpRequest,
): Promise<SignUpResult> {
  const adminRole = admin?.adminRole;
  const role = admin === undefined ? ('customer' as const) : ('admin' as const);
  const user = { id: newId(), email, role, adminRole, createdAt: new Date(nowMs()) };
  const passwordHash = await passwords.hash(password, address);
  try {
    await database.withTransaction({ name: 'sign_up', rerunnable: false }, async (tx) => {
      await insertUser(tx, { ...user, passwordHash });
      await openWallet(tx, user.id);
      if (admin === undefined) return;
      await recordAction(tx, admin.actor, {
        action: 'operator_created',
        target: { kind: 'operator', id: user.id },
        after: { role: admin.adminRole },
      });
    });
  } catch (error) {
    if (isDuplicateKey(error)) return { code: 'email_taken' };
    throw error;
  }
  return { code: 'signed_up', user };
}
