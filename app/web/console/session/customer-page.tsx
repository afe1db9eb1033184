import { Preferences } from '../../shared/preferences.tsx';
import { useTitle } from '../frame/use-title.ts';
import { useLogOut } from './use-log-out.ts';
import type { Account } from './session-state.ts';
import { sessionWords } from './words.ts';

/** Says to a customer why there is nothing to see. */
export function CustomerPage({ account }: { account: Account }) {
  const words = sessionWords.value;
  const logOut = useLogOut();
  useTitle(words.customerTitle);
  return (
    <main id="content" class="door">
      <div class="door-brand display">Rowlock</div>
      <h1>{words.customerTitle}</h1>
      <p>{words.customer(account.email)}</p>
      <div class="row">
        <a class="button" href="/shop/">
          {words.toShop}
        </a>
        <button type="button" class="plain" onClick={() => void logOut()}>
          {words.other}
        </button>
      </div>
      <Preferences />
    </main>
  );
}
