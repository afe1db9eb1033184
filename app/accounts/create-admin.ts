import type { Database } from '../platform/mysql/database.ts';
import { signUp, type SignUpDependencies } from './sign-up.ts';
import { findUserByEmail, makeAdmin } from './user-sql.ts';

export interface CreateAdminDependencies extends SignUpDependencies {
  readonly database: Database;
}

export interface CreateAdminRequest {
  /** In lower case. */
  readonly email: string;
  /** Called once, and only when a password is needed. */
  readonly readPassword: () => Promise<string>;
  /** Also takes an account that exists, a customer's or an admin's. */
  readonly takesOver: boolean;
}

export type CreateAdminResult = 'created' | 'taken_over' | 'is_admin' | 'is_customer';

/**
 * An account with the role admin. An account that exists is left alone (`is_admin`, `is_customer`) unless `takesOver`:
 * sign-up proves no address, so whoever registered it first must not become admin by it. A takeover therefore replaces the
 * password and voids every session together with the change of the role. An admin's sessions end at once; those of a customer
 * may last for 30 s more, as a customer's (authenticate.ts).
 */
export async function createAdmin(
  dependencies: CreateAdminDependencies,
  { email, readPassword, takesOver }: CreateAdminRequest,
): Promise<CreateAdminResult> {
  const { database, passwords } = dependencies;
  const known = await findUserByEmail(database, email);
  if (known !== undefined && !takesOver) return known.role === 'admin' ? 'is_admin' : 'is_customer';
  const password = await readPassword();
  if (known === undefined) {
    const made = await signUp(dependencies, { email, password, role: 'admin', address: 'admin-command' });
    if (made !== 'email_taken') return 'created';
    // Registered while the password was typed.
    return createAdmin(dependencies, { email, readPassword: async () => password, takesOver });
  }
  const passwordHash = await passwords.hash(password, 'admin-command');
  await database.withTransaction({ name: 'make_admin', rerunnable: true }, (tx) =>
    makeAdmin(tx, known.id, passwordHash),
  );
  return 'taken_over';
}
