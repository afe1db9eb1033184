import type { AdminRole } from '../http/contract/admin-role.ts';
import type { Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** A user who is an admin. */
export interface Operator {
  readonly id: string;
  readonly email: string;
  readonly role: AdminRole;
  /** Time at which an owner disabled this admin. */
  readonly disabledAt: Date | undefined;
  readonly createdAt: Date;
}

interface OperatorRow {
  id: Buffer;
  email: string;
  admin_role: AdminRole;
  disabled_at: Date | null;
  created_at: Date;
}

const SELECT = `SELECT id, email, admin_role, disabled_at, created_at FROM users FORCE INDEX (users_role)
  WHERE role = 'admin'`;

/** Admins after `afterId`, in the order in which their accounts were made. Uses users_role. */
export async function listOperators(
  read: Read,
  { afterId, limit }: { readonly afterId: string | undefined; readonly limit: number },
): Promise<Operator[]> {
  const after = afterId === undefined ? '' : 'AND id > ?';
  const values = [...(afterId === undefined ? [] : [uuidBytes(afterId)]), limit];
  return (await read<OperatorRow>(`${SELECT} ${after} ORDER BY id LIMIT ?`, values)).map(operatorOf);
}

/** Locks all admins, ascending: two changes of which each leaves one owner must not leave none. */
export async function lockOperators(tx: Transaction): Promise<Operator[]> {
  return (await tx.read<OperatorRow>(`${SELECT} ORDER BY id FOR UPDATE`)).map(operatorOf);
}

/** Writes role and status of a locked admin. Raises the session epoch, which ends every session. */
export async function updateOperator(tx: Transaction, { id, role, disabledAt }: Operator): Promise<void> {
  await tx.write(
    `UPDATE users SET admin_role = ?, disabled_at = ?, session_epoch = session_epoch + 1 WHERE id = ?`,
    [role, disabledAt ?? null, uuidBytes(id)],
  );
}

function operatorOf(row: OperatorRow): Operator {
  return {
    id: uuidText(row.id),
    email: row.email,
    role: row.admin_role,
    disabledAt: row.disabled_at ?? undefined,
    createdAt: row.created_at,
  };
}
