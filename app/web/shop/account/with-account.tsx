import type { ComponentChildren } from 'preact';
import { sharedWords } from '../../shared/words.ts';
import { paths } from '../paths.ts';
import { words } from '../words/shop-words.ts';
import { type Account, accountState } from './account-state.ts';

/** Shows a view to a customer, and to everyone else how to become one and come back. */
export function WithAccount(props: { next: string; children: (account: Account) => ComponentChildren }) {
  const state = accountState.value;
  const said = words.value.account;
  if (state.code === 'unknown')
    return (
      <div class="skeleton card pad" aria-busy="true">
        {sharedWords.value.loading}
      </div>
    );
  if (state.code === 'customer') return <>{props.children(state.account)}</>;
  return (
    <div class="told" role="status">
      <b>{state.hasEnded ? said.ended : said.needed}</b>
      <span class="row">
        <a class="button" href={paths.logIn(props.next)}>
          {said.logIn}
        </a>
        <a class="button plain" href={paths.signUp(props.next)}>
          {said.signUp}
        </a>
      </span>
    </div>
  );
}
