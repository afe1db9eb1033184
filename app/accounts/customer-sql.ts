import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import type { User } from './user-sql.ts';

/** Follows every character that an address may have. */
const AFTER_ALL = '\u007f';

export type ListedUser = Pick<User, 'id' | 'email' | 'role' | 'createdAt'>;

/**
 * Accounts whose address begins with the prefix, by address, after `afterEmail`. Reads a range of the unique
 * key users_email.
 */
export async function listUsersByEmail(
  read: Read,
  { prefix, afterEmail, limit }: { prefix: string; afterEmail: string | undefined; limit: number },
): Promise<ListedUser[]> {
  const after = afterEmail === undefined ? '' : 'AND email > ?';
  const rows = await read<{ id: Buffer; email: string; role: User['role']; created_at: Date }>(
    `SELECT id, email, role, created_at FROM users FORCE INDEX (users_email)
     WHERE email >= ? AND email < ? ${after} ORDER BY email LIMIT ?`,
    [prefix, `${prefix}${AFTER_ALL}`, ...(afterEmail === undefined ? [] : [afterEmail]), limit],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    email: row.email,
    role: row.role,
    createdAt: row.created_at,
  }));
}
