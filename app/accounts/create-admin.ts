import type { AdminRole } from '../http/contract/admin-role.ts';
import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Database } from '../platform/mysql/database.ts';
import { signUp, type SignUpDependencies } from './sign-up.ts';
import { findUserByEmail, makeAdmin } from './user-sql.ts';

export interface CreateAdminDependencies extends SignUpDependencies {
  readonly database: Database;
}

export interface CreateAdminRequest {
  /** Lower case. */
  readonly email: string;
  readonly adminRole: AdminRole;
  /** Called once, and only if a password is needed. */
  readonly readPassword: () => Promise<string>;
  /** Takes over an existing account, a customer's or an admin's. */
  readonly takesOver: boolean;
  readonly actor: Actor;
}

export interface CreateAdminResult {
  readonly code: 'created' | 'taken_over' | 'is_admin' | 'is_customer';
}

/**
 * Creates an account with the role admin. An existing account is left unchanged (`is_admin`, `is_customer`)
 * unless `takesOver`. Sign-up does not prove who owns an address, so its first registrant must not become
 * admin with their own password. A takeover therefore replaces the password and ends every session together
 * with the change of role: an admin's at once, a customer's within 30 s (authenticate.ts).
 */
export async function createAdmin(
  dependencies: CreateAdminDependencies,
  request: CreateAdminRequest,
): Promise<CreateAdminResult> {
  const { database, passwords } = dependencies;
  const { email, adminRole, readPassword, takesOver, actor } = request;
  const known = await findUserByEmail(database, email);
  if (known !== undefined && !takesOver) return { code: known.role === 'admin' ? 'is_admin' : 'is_customer' };
  const password = await readPassword();
  if (known === undefined) {
    const result = await signUp(dependencies, {
      email,
      password,
      admin: { adminRole, actor },
      address: 'admin-command',
    });
    if (result.code === 'signed_up') return { code: 'created' };
    // The address was registered while the password was typed.
    return createAdmin(dependencies, { ...request, readPassword: async () => password });
  }
  const passwordHash = await passwords.hash(password, 'admin-command');
  await database.withTransaction({ name: 'make_admin', rerunnable: false }, async (tx) => {
    await makeAdmin(tx, known.id, { adminRole, passwordHash });
    await recordAction(tx, actor, {
      action: 'operator_created',
      target: { kind: 'operator', id: known.id },
      before: { role: known.adminRole ?? known.role },
      after: { role: adminRole },
    });
  });
  return { code: 'taken_over' };
}
