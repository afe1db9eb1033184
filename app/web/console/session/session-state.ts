import { effect, signal } from '@preact/signals';
import type { Answer } from '../../client/rowlock-client.ts';
import { api, sessionsRefused, troubleOf } from '../../shared/api.ts';
import { sessionMark } from '../../shared/session-mark.ts';

export type Account = Answer<'readAccount'>;
export type AdminRole = NonNullable<Account['adminRole']>;

/** Who looks at the console. `unknown` until the shop has said it. */
export type Session =
  | { readonly code: 'unknown'; readonly error?: unknown }
  | { readonly code: 'none'; readonly hasEnded: boolean }
  | { readonly code: 'customer'; readonly account: Account }
  | { readonly code: 'admin'; readonly account: Account; readonly role: AdminRole };

const roles: readonly AdminRole[] = ['viewer', 'operator', 'owner'];

export const session = signal<Session>(
  sessionMark.read() === undefined ? { code: 'none', hasEnded: false } : { code: 'unknown' },
);

/** Reads the session that an earlier visit began. */
export async function readSession(): Promise<void> {
  if (sessionMark.read() === undefined) return;
  try {
    beginSession(await api.call('readAccount'));
  } catch (error) {
    if (troubleOf(error) === 'session') endSession();
    else session.value = { code: 'unknown', error };
  }
}

export function beginSession(account: Account): void {
  sessionMark.write(account.id);
  const role = account.adminRole;
  session.value = role === null ? { code: 'customer', account } : { code: 'admin', account, role };
}

export function endSession(): void {
  sessionMark.write(undefined);
  session.value = { code: 'none', hasEnded: false };
}

/** True if this admin may do what the role may. The API decides; this only hides what it refuses. */
export function may(needed: AdminRole): boolean {
  const { value } = session;
  return value.code === 'admin' && roles.indexOf(value.role) >= roles.indexOf(needed);
}

// Any request may find that the session has ended.
effect(() => {
  if (sessionsRefused.value === 0) return;
  const { code } = session.peek();
  if (code === 'admin' || code === 'customer') session.value = { code: 'none', hasEnded: true };
});
