import { hash, randomBytes } from 'node:crypto';
import { findUserByEmail } from '../accounts/user-sql.ts';
import type { AdminRole } from '../http/contract/admin-role.ts';
import type { Database } from '../platform/mysql/database.ts';
import { recordAction } from './action-sql.ts';
import type { Actor } from './admin-action.ts';
import { type Invitation, replaceInvitation } from './invitation-sql.ts';

/** Long enough for a weekend and a holiday. */
const INVITATION_TTL_MS = 4 * 24 * 60 * 60 * 1000;
const TOKEN_BYTES = 32;

export interface InviteOperatorRequest {
  /** Lower case. */
  readonly email: string;
  readonly role: AdminRole;
  readonly actor: Actor;
}

export type InviteOperatorResult =
  /** The token: 256 random bits as 43 characters. It cannot be read again. */
  | { readonly code: 'invited'; readonly invitation: Invitation; readonly token: string }
  | { readonly code: 'operator_exists' };

/**
 * Invites a person to become an admin with this role, in place of an earlier invitation. Who has the token
 * may set the password of the address's account, so it must reach the person by a trusted way. Only its hash
 * is stored. An admin needs no invitation, unless they are disabled.
 */
export async function inviteOperator(
  { database, nowMs }: { readonly database: Database; readonly nowMs: () => number },
  { email, role, actor }: InviteOperatorRequest,
): Promise<InviteOperatorResult> {
  const known = await findUserByEmail(database, email);
  if (known?.role === 'admin' && known.disabledAt === undefined) return { code: 'operator_exists' };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const createdAt = new Date(nowMs());
  const invitation = { email, role, createdAt, expiresAt: new Date(createdAt.getTime() + INVITATION_TTL_MS) };
  await database.withTransaction({ name: 'invite_operator', rerunnable: true }, async (tx) => {
    await replaceInvitation(tx, invitation, { tokenHash: hashOfToken(token), invitedBy: actor.adminId });
    await recordAction(tx, actor, {
      action: 'operator_invited',
      target: { kind: 'operator', id: known?.id },
      after: { email, role },
    });
  });
  return { code: 'invited', invitation, token };
}

export function hashOfToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
