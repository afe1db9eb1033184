import type { PasswordHasher } from '../accounts/password.ts';
import { findUserByEmail, insertUser, makeAdmin, type User } from '../accounts/user-sql.ts';
import type { Database, Transaction } from '../platform/mysql/database.ts';
import { isDuplicateKey } from '../platform/mysql/database-errors.ts';
import { openWallet } from '../wallet/wallet-sql.ts';
import { recordAction } from './action-sql.ts';
import { findInvitation, type Invitation, takeInvitation } from './invitation-sql.ts';
import { hashOfToken } from './invite-operator.ts';

export interface AcceptInvitationDependencies {
  readonly database: Database;
  readonly passwords: PasswordHasher;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export interface AcceptInvitationRequest {
  readonly token: string;
  readonly password: string;
  /** The client's network address; see http/access/client-address.ts. */
  readonly address: string;
  readonly requestId: string;
}

type Account = Pick<User, 'id' | 'email' | 'role' | 'adminRole' | 'createdAt'>;

export type AcceptInvitationResult =
  | { readonly code: 'accepted'; readonly account: Account }
  /** There is no such invitation, or it has expired, or it was accepted or replaced. */
  | { readonly code: 'invitation_not_found' };

/**
 * Makes the account of the invited address an admin's, with this password, once. A customer's account is
 * taken over with its wallet: its old password no longer works and its sessions end, because sign-up does not
 * prove who owns an address, and the invitation does.
 */
export async function acceptInvitation(
  dependencies: AcceptInvitationDependencies,
  request: AcceptInvitationRequest,
): Promise<AcceptInvitationResult> {
  const { database, passwords, nowMs } = dependencies;
  const tokenHash = hashOfToken(request.token);
  const invitation = await findInvitation(database.read, tokenHash);
  // Before the hash, which costs half a second of a core.
  if (invitation === undefined || invitation.expiresAt.getTime() <= nowMs()) {
    return { code: 'invitation_not_found' };
  }
  const passwordHash = await passwords.hash(request.password, request.address);
  const known = await findUserByEmail(database, invitation.email);
  try {
    return await database.withTransaction({ name: 'accept_invitation', rerunnable: false }, async (tx) => {
      if (!(await takeInvitation(tx, tokenHash))) return { code: 'invitation_not_found' };
      const account = await makeAccount(tx, dependencies, { invitation, known, passwordHash });
      await recordAction(
        tx,
        { adminId: account.id, requestId: request.requestId },
        {
          action: 'operator_joined',
          target: { kind: 'operator', id: account.id },
          before: known === undefined ? undefined : { role: known.adminRole ?? known.role },
          after: { role: invitation.role },
        },
      );
      return { code: 'accepted', account };
    });
  } catch (error) {
    // The address was registered meanwhile: now its account is known.
    if (isDuplicateKey(error)) return acceptInvitation(dependencies, request);
    throw error;
  }
}

async function makeAccount(
  tx: Transaction,
  { newId, nowMs }: AcceptInvitationDependencies,
  {
    invitation,
    known,
    passwordHash,
  }: { readonly invitation: Invitation; readonly known: User | undefined; readonly passwordHash: string },
): Promise<Account> {
  const { email, role: adminRole } = invitation;
  if (known !== undefined) {
    await makeAdmin(tx, known.id, { adminRole, passwordHash });
    return { ...known, role: 'admin', adminRole };
  }
  const user = { id: newId(), email, role: 'admin' as const, adminRole, createdAt: new Date(nowMs()) };
  await insertUser(tx, { ...user, passwordHash });
  await openWallet(tx, user.id);
  return user;
}
