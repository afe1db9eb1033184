import { effect, signal } from '@preact/signals';
import type { Answer } from '../../client/rowlock-client.ts';
import { api, sessionsRefused, troubleOf } from '../../shared/api.ts';
import { sessionMark } from '../../shared/session-mark.ts';

export type Account = Answer<'readAccount'>;

/** `unknown` until the shop has said who this is. */
export type AccountState =
  | { readonly code: 'unknown' }
  | { readonly code: 'guest'; readonly hasEnded: boolean }
  | { readonly code: 'customer'; readonly account: Account };

export const accountState = signal<AccountState>(
  sessionMark.read() === undefined ? { code: 'guest', hasEnded: false } : { code: 'unknown' },
);

/** Reads the account of the session that an earlier visit began. */
export async function readAccount(): Promise<void> {
  if (sessionMark.read() === undefined) return;
  try {
    beginSession(await api.call('readAccount'));
  } catch (error) {
    // Without an answer the session may well exist: the next page that needs it says so.
    if (troubleOf(error) !== 'session') accountState.value = { code: 'guest', hasEnded: false };
  }
}

export function beginSession(account: Account): void {
  sessionMark.write(account.id);
  accountState.value = { code: 'customer', account };
}

export function endSession(): void {
  sessionMark.write(undefined);
  accountState.value = { code: 'guest', hasEnded: false };
}

// Any request may find that the session has ended.
effect(() => {
  if (sessionsRefused.value === 0 || accountState.peek().code === 'guest') return;
  sessionMark.write(undefined);
  accountState.value = { code: 'guest', hasEnded: true };
});

export function customerOf(state: AccountState): Account | undefined {
  return state.code === 'customer' ? state.account : undefined;
}
