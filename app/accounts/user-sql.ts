import type { AdminRole } from '../http/contract/admin-role.ts';
import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly role: 'customer' | 'admin';
  /** Set for admins only. */
  readonly adminRole: AdminRole | undefined;
  /** Time at which an owner disabled this admin. */
  readonly disabledAt: Date | undefined;
  readonly sessionEpoch: number;
  readonly passwordHash: string;
  readonly createdAt: Date;
}

interface UserRow {
  id: Buffer;
  email: string;
  role: 'customer' | 'admin';
  admin_role: AdminRole;
  disabled_at: Date | null;
  session_epoch: number;
  password_hash: string;
  created_at: Date;
}

const SELECT =
  'SELECT id, email, role, admin_role, disabled_at, session_epoch, password_hash, created_at FROM users';

/** Uses the unique key users_email; no lock. */
export async function findUserByEmail(database: Database, email: string): Promise<User | undefined> {
  const [row] = await database.read<UserRow>(`${SELECT} WHERE email = ?`, [email]);
  return row && userOf(row);
}

/** Uses the primary key; no lock. */
export async function findUserById(database: Database, id: string): Promise<User | undefined> {
  const [row] = await database.read<UserRow>(`${SELECT} WHERE id = ?`, [uuidBytes(id)]);
  return row && userOf(row);
}

/**
 * Returns up to two password hashes that do not begin with the prefix. Uses the key users_password_cost; no
 * lock.
 */
export async function findHashesBesides(database: Database, prefix: string): Promise<readonly string[]> {
  // '~' comes after every character of a hash.
  const rows = await database.read<Pick<UserRow, 'password_hash'>>(
    `(SELECT password_hash FROM users WHERE password_hash < ? LIMIT 1) UNION ALL
     (SELECT password_hash FROM users WHERE password_hash > ? LIMIT 1)`,
    [prefix, `${prefix}~`],
  );
  return rows.map(({ password_hash }) => password_hash);
}

/** The part of a user that every request needs. */
export type UserStanding = Pick<User, 'role' | 'adminRole' | 'disabledAt' | 'sessionEpoch'>;

/** Roles and session epoch of these users, keyed by user id. Uses the primary key; no lock. */
export async function findUserStandings(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, UserStanding>> {
  if (ids.length === 0) return new Map();
  const rows = await database.read<Omit<UserRow, 'email' | 'password_hash' | 'created_at'>>(
    'SELECT id, role, admin_role, disabled_at, session_epoch FROM users WHERE id IN (?)',
    [ids.map(uuidBytes)],
  );
  return new Map(rows.map((row) => [uuidText(row.id), standingOf(row)]));
}

/** Throws the driver's duplicate-key error if the e-mail address is taken. */
export async function insertUser(
  tx: Transaction,
  user: Omit<User, 'sessionEpoch' | 'disabledAt'>,
): Promise<void> {
  await tx.write(
    `INSERT INTO users (id, email, password_hash, role, admin_role, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [
      uuidBytes(user.id),
      user.email,
      user.passwordHash,
      user.role,
      // The column's default, which means nothing, for a customer.
      user.adminRole ?? 'owner',
      user.createdAt,
    ],
  );
}

/** Replaces the hash unless the password was changed meanwhile. Locks the user's row by the primary key. */
export async function replacePasswordHash(
  tx: Transaction,
  userId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await tx.write('UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?', [
    to,
    uuidBytes(userId),
    from,
  ]);
}

/**
 * Makes the user an admin with this role and password, enabled, and ends every session. Locks the user's row
 * by the primary key.
 */
export async function makeAdmin(
  tx: Transaction,
  userId: string,
  { adminRole, passwordHash }: { readonly adminRole: AdminRole; readonly passwordHash: string },
): Promise<void> {
  await tx.write(
    `UPDATE users SET role = 'admin', admin_role = ?, disabled_at = NULL, password_hash = ?,
       session_epoch = session_epoch + 1 WHERE id = ?`,
    [adminRole, passwordHash, uuidBytes(userId)],
  );
}

/** Ends every session. Locks the user's row by the primary key. */
export async function raiseSessionEpoch(tx: Transaction, userId: string): Promise<void> {
  await tx.write('UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ?', [uuidBytes(userId)]);
}

function standingOf(
  row: Pick<UserRow, 'role' | 'admin_role' | 'disabled_at' | 'session_epoch'>,
): UserStanding {
  return {
    role: row.role,
    adminRole: row.role === 'admin' ? row.admin_role : undefined,
    disabledAt: row.disabled_at ?? undefined,
    sessionEpoch: row.session_epoch,
  };
}

/** E-mail addresses of these users, keyed by user id. Uses the primary key; no lock. */
export async function findEmails(read: Read, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await read<Pick<UserRow, 'id' | 'email'>>('SELECT id, email FROM users WHERE id IN (?)', [
    [...new Set(ids)].map(uuidBytes),
  ]);
  return new Map(rows.map((row) => [uuidText(row.id), row.email]));
}

function userOf(row: UserRow): User {
  return {
    id: uuidText(row.id),
    email: row.email,
    ...standingOf(row),
    passwordHash: row.password_hash,
    createdAt: row.created_at,
  };
}
