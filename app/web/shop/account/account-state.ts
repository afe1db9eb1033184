import { effect, signal } from '@preact/signals';
import type { Answer } from '../../client/rowlock-client.ts';
import { api, sessionsRefused, troubleOf } from '../../shared/api.ts';
import { keptForever } from '../../shared/kept-values.ts';

export type Account = Answer<'readAccount'>;

/** `unknown` until the shop has said who this is. */
export type AccountState =
  | { readonly code: 'unknown' }
  | { readonly code: 'guest'; readonly hasEnded: boolean }
  | { readonly code: 'customer'; readonly account: Account };

/** Kept while a session may exist, so that a first visit asks for none and gets no 401. */
const MAY_HAVE_SESSION = 'session';

export const accountState = signal<AccountState>(
  keptForever.read(MAY_HAVE_SESSION) === undefined ? { code: 'guest', hasEnded: false } : { code: 'unknown' },
);

/** Reads the account of the session that an earlier visit began. */
export async function readAccount(): Promise<void> {
  if (keptForever.read(MAY_HAVE_SESSION) === undefined) return;
  try {
    accountState.value = { code: 'customer', account: await api.call('readAccount') };
  } catch (error) {
    // Without an answer the session may well exist: the next page that needs it says so.
    if (troubleOf(error) !== 'session') accountState.value = { code: 'guest', hasEnded: false };
  }
}

export function beginSession(account: Account): void {
  keptForever.write(MAY_HAVE_SESSION, 'yes');
  accountState.value = { code: 'customer', account };
}

export function endSession(): void {
  keptForever.write(MAY_HAVE_SESSION, undefined);
  accountState.value = { code: 'guest', hasEnded: false };
}

// Any request may find that the session has ended.
effect(() => {
  if (sessionsRefused.value === 0 || accountState.peek().code === 'guest') return;
  keptForever.write(MAY_HAVE_SESSION, undefined);
  accountState.value = { code: 'guest', hasEnded: true };
});

export function customerOf(state: AccountState): Account | undefined {
  return state.code === 'customer' ? state.account : undefined;
}
