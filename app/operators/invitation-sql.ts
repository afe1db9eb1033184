import type { AdminRole } from '../http/contract/admin-role.ts';
import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes } from '../platform/uuid.ts';

export interface Invitation {
  /** Lower case. */
  readonly email: string;
  readonly role: AdminRole;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

interface InvitationRow {
  email: string;
  admin_role: AdminRole;
  expires_at: Date;
  created_at: Date;
}

const SELECT = 'SELECT email, admin_role, expires_at, created_at FROM operator_invitations';

/** Stores an invitation in place of an earlier one to the same address. Uses the primary key. */
export async function replaceInvitation(
  tx: Transaction,
  { email, role, expiresAt, createdAt }: Invitation,
  { tokenHash, invitedBy }: { readonly tokenHash: Buffer; readonly invitedBy: string | undefined },
): Promise<void> {
  await tx.write('DELETE FROM operator_invitations WHERE email = ?', [email]);
  await tx.write(
    `INSERT INTO operator_invitations (email, token_hash, admin_role, invited_by, expires_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [email, tokenHash, role, invitedBy === undefined ? null : uuidBytes(invitedBy), expiresAt, createdAt],
  );
}

/** The invitation with this token. Uses operator_invitations_token. */
export async function findInvitation(read: Read, tokenHash: Buffer): Promise<Invitation | undefined> {
  const [row] = await read<InvitationRow>(`${SELECT} WHERE token_hash = ?`, [tokenHash]);
  return row && invitationOf(row);
}

/** Deletes the invitation with this token; false if it is gone. Only one of several callers gets true. */
export async function takeInvitation(tx: Transaction, tokenHash: Buffer): Promise<boolean> {
  const { affectedRows } = await tx.write('DELETE FROM operator_invitations WHERE token_hash = ?', [
    tokenHash,
  ]);
  return affectedRows === 1;
}

/**
 * The latest invitations that have not expired, by address. Reads operator_invitations_expires backwards, so
 * that it skips the expired ones, which stay in the table.
 */
export async function listInvitations(
  { read }: Pick<Database, 'read'>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<Invitation[]> {
  const rows = await read<InvitationRow>(
    `${SELECT} FORCE INDEX (operator_invitations_expires)
     WHERE expires_at > ? ORDER BY expires_at DESC LIMIT ?`,
    [now, limit],
  );
  return rows.map(invitationOf).toSorted((one, other) => (one.email < other.email ? -1 : 1));
}

function invitationOf(row: InvitationRow): Invitation {
  return {
    email: row.email,
    role: row.admin_role,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}
