import type { Database, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly role: 'customer' | 'admin';
  readonly sessionEpoch: number;
  readonly passwordHash: string;
  readonly createdAt: Date;
}

interface UserRow {
  id: Buffer;
  email: string;
  role: 'customer' | 'admin';
  session_epoch: number;
  password_hash: string;
  created_at: Date;
}

const SELECT = 'SELECT id, email, role, session_epoch, password_hash, created_at FROM users';

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

/** The part of a user that every request needs. */
export type UserStanding = Pick<User, 'role' | 'sessionEpoch'>;

/** Role and session epoch of these users, keyed by user id. Uses the primary key; no lock. */
export async function findUserStandings(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, UserStanding>> {
  if (ids.length === 0) return new Map();
  const rows = await database.read<Pick<UserRow, 'id' | 'role' | 'session_epoch'>>(
    'SELECT id, role, session_epoch FROM users WHERE id IN (?)',
    [ids.map(uuidBytes)],
  );
  return new Map(rows.map((row) => [uuidText(row.id), { role: row.role, sessionEpoch: row.session_epoch }]));
}

/** Throws the driver's duplicate-key error if the e-mail address is taken. */
export async function insertUser(tx: Transaction, user: Omit<User, 'sessionEpoch'>): Promise<void> {
  await tx.write('INSERT INTO users (id, email, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?)', [
    uuidBytes(user.id),
    user.email,
    user.passwordHash,
    user.role,
    user.createdAt,
  ]);
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

/** Sets the role admin and this password, and ends every session. Locks the user's row by the primary key. */
export async function makeAdmin(tx: Transaction, userId: string, passwordHash: string): Promise<void> {
  await tx.write(
    "UPDATE users SET role = 'admin', password_hash = ?, session_epoch = session_epoch + 1 WHERE id = ?",
    [passwordHash, uuidBytes(userId)],
  );
}

/** Ends every session. Locks the user's row by the primary key. */
export async function raiseSessionEpoch(tx: Transaction, userId: string): Promise<void> {
  await tx.write('UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ?', [uuidBytes(userId)]);
}

function userOf(row: UserRow): User {
  return {
    id: uuidText(row.id),
    email: row.email,
    role: row.role,
    sessionEpoch: row.session_epoch,
    passwordHash: row.password_hash,
    createdAt: row.created_at,
  };
}
