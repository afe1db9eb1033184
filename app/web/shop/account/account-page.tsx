import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api, troubleOf } from '../../shared/api.ts';
import { day } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { paths } from '../paths.ts';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { endSession } from './account-state.ts';
import { WithAccount } from './with-account.tsx';

export function AccountPage() {
  const said = words.value.account;
  const { route } = useLocation();
  const [failure, setFailure] = useState<unknown>(undefined);
  useTitle(said.title);
  const leave = async (operation: 'logOut' | 'logOutEverywhere'): Promise<void> => {
    try {
      await api.call(operation);
    } catch (error) {
      // A session that has ended needs no log-out.
      if (troubleOf(error) !== 'session') return setFailure(error);
    }
    endSession();
    route(paths.list);
  };
  return (
    <section class="narrow">
      <h1>{said.title}</h1>
      <WithAccount next={paths.account}>
        {(account) => (
          <div class="card pad">
            <div>
              <b>{account.email}</b>
              <p class="quiet small">{said.since(day(account.createdAt))}</p>
            </div>
            <div class="row">
              <a class="button plain" href={paths.orders}>
                {words.value.nav.orders}
              </a>
              <a class="button plain" href={paths.balance}>
                {words.value.nav.balance}
              </a>
              <a class="button plain" href={paths.coupons}>
                {words.value.nav.coupons}
              </a>
            </div>
            <hr />
            <div class="row">
              <button type="button" onClick={() => void leave('logOut')}>
                {said.logOut}
              </button>
              <button type="button" class="plain" onClick={() => void leave('logOutEverywhere')}>
                {said.everywhere}
              </button>
            </div>
            <p class="tiny quiet">{said.everywhereText}</p>
            {failure !== undefined && <TroubleNotice error={failure} retry={() => setFailure(undefined)} />}
          </div>
        )}
      </WithAccount>
    </section>
  );
}
