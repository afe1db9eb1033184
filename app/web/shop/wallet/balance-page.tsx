import { useRef, useState } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { usePages } from '../../shared/use-pages.ts';
import { balance } from '../account/wallet-state.ts';
import { WithAccount } from '../account/with-account.tsx';
import { paths } from '../paths.ts';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';

const CHARGE_MAX_KRW = 1_000_000;
const amounts = [10_000, 50_000, 100_000, 500_000];

export function BalancePage() {
  const said = words.value.wallet;
  useTitle(said.title);
  return (
    <section class="narrow">
      <h1>{said.title}</h1>
      <WithAccount next={paths.balance}>{({ id }) => <Wallet userId={id} />}</WithAccount>
    </section>
  );
}

function Wallet({ userId }: { userId: string }) {
  const said = words.value.wallet;
  const ledger = usePages(`ledger ${userId}`, (cursor, signal) =>
    api.call('listBalanceEntries', {
      query: { limit: 20, ...(cursor === undefined ? {} : { cursor }) },
      ...(signal && { signal }),
    }),
  );
  const { items } = ledger;
  return (
    <>
      <p class="display big num">{balance.value === undefined ? '–' : krw(balance.value)}</p>
      <Charge onCharged={ledger.reload} />
      <h2>{said.ledger}</h2>
      {ledger.error !== undefined && <TroubleNotice error={ledger.error} retry={ledger.reload} />}
      {items === undefined && ledger.error === undefined && (
        <div class="card list skeleton" aria-busy="true" />
      )}
      {items?.length === 0 && <p class="told">{said.empty}</p>}
      {items !== undefined && items.length > 0 && (
        <ul class="card list">
          {items.map((entry) => (
            <li key={entry.seq} class="order-row">
              <span>
                {entry.orderId === null ? (
                  said.kinds[entry.kind]
                ) : (
                  <a href={paths.order(entry.orderId)}>{said.kinds[entry.kind]}</a>
                )}
                <span class="quiet small num block">
                  #{count(entry.seq)} · {dateTime(entry.createdAt)}
                </span>
              </span>
              <span class="num amounts">
                <b>{krw(entry.amount)}</b>
                <span class="quiet small block">
                  {said.after} {krw(entry.balanceAfter)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {ledger.hasMore && (
        <button type="button" class="plain" onClick={() => void ledger.more()}>
          {said.showMore}
        </button>
      )}
    </>
  );
}

function Charge({ onCharged }: { onCharged: () => void }) {
  const said = words.value.wallet;
  // The key of this charge; a new one once it is known how it ended.
  const key = useRef(crypto.randomUUID());
  const [amount, setAmount] = useState(100_000);
  const [isBusy, setBusy] = useState(false);
  const [charged, setCharged] = useState<number | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const charge = async (): Promise<void> => {
    if (isBusy || !(amount >= 1 && amount <= CHARGE_MAX_KRW)) return;
    setBusy(true);
    setCharged(undefined);
    try {
      const done = await api.call('chargeBalance', { body: { amount }, key: key.current });
      key.current = crypto.randomUUID();
      balance.value = done.balanceAfter;
      setCharged(done.amount);
      setError(undefined);
      onCharged();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const choose = (value: number): void => {
    // Another amount is another charge.
    if (value !== amount) key.current = crypto.randomUUID();
    setAmount(value);
  };
  return (
    <form
      class="card pad"
      onSubmit={(event) => {
        event.preventDefault();
        void charge();
      }}
    >
      <div class="row">
        {amounts.map((value) => (
          <button
            key={value}
            type="button"
            class="plain num"
            aria-pressed={value === amount}
            onClick={() => choose(value)}
          >
            {krw(value)}
          </button>
        ))}
      </div>
      <div class="row charge">
        <label class="field">
          {said.amount}
          <input
            type="number"
            inputMode="numeric"
            min={1}
            max={CHARGE_MAX_KRW}
            step={1}
            required
            value={amount}
            onInput={(event) => choose(event.currentTarget.valueAsNumber)}
          />
        </label>
        <button type="submit" aria-disabled={isBusy}>
          {isBusy ? said.charging : said.charge}
        </button>
      </div>
      <span class="tiny quiet">{said.range}</span>
      <div role="status">{charged !== undefined && <p class="told ok">{said.charged(krw(charged))}</p>}</div>
      {error !== undefined && <TroubleNotice error={error} retry={() => void charge()} />}
    </form>
  );
}
