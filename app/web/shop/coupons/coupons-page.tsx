import { useState } from 'preact/hooks';
import type { Answer } from '../../client/rowlock-client.ts';
import { api, RowlockProblem } from '../../shared/api.ts';
import { count, day, krw } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { useLoad } from '../../shared/use-load.ts';
import { accountState, customerOf } from '../account/account-state.ts';
import { paths } from '../paths.ts';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { couponTerms } from './coupon-terms.ts';

type Offered = Answer<'listCoupons'>['data'][number];
type Own = Answer<'listOwnCoupons'>['data'][number];

/** Coupons are claimed in a race: the remaining number should be recent. */
const REFRESH_MS = 3000;
const PAGE_SIZE = 50;

export function CouponsPage() {
  const said = words.value.coupons;
  const account = customerOf(accountState.value);
  useTitle(said.title);
  const offered = useLoad(
    'coupons',
    (signal) => api.call('listCoupons', { query: { limit: PAGE_SIZE }, signal }),
    { everyMs: REFRESH_MS },
  );
  const own = useLoad(account && `own coupons ${account.id}`, (signal) =>
    api.call('listOwnCoupons', { query: { limit: PAGE_SIZE }, signal }),
  );
  const [told, setTold] = useState<Told | undefined>(undefined);
  const held = new Set(own.data?.data.map(({ couponId }) => couponId));
  return (
    <section class="narrow">
      <h1>{said.title}</h1>
      {account === undefined && accountState.value.code === 'guest' && (
        <div class="told">
          <span>{said.logIn}</span>
          <a class="button" href={paths.logIn(paths.coupons)}>
            {words.value.account.logIn}
          </a>
        </div>
      )}
      <h2>{said.offered}</h2>
      {offered.data === undefined && offered.error !== undefined && (
        <TroubleNotice error={offered.error} retry={offered.reload} />
      )}
      {offered.data === undefined && offered.error === undefined && (
        <div class="card list skeleton" aria-busy="true" />
      )}
      {offered.data?.data.length === 0 && <p class="told">{said.noneOffered}</p>}
      {/* Here, because a coupon that is gone leaves the list. */}
      <div role="alert">
        {told !== undefined && (
          <p class={`told ${told.kind}`}>
            {told.name}: {told.kind === 'ok' ? said.got : said.soldOut}
          </p>
        )}
      </div>
      <div class="tickets">
        {offered.data?.data.map((coupon) => (
          <Offer
            key={coupon.id}
            coupon={coupon}
            isHeld={held.has(coupon.id)}
            mayClaim={account !== undefined}
            onClaimed={(kind) => {
              if (kind !== undefined) setTold({ kind, name: coupon.name });
              own.reload();
              offered.reload();
            }}
          />
        ))}
      </div>
      {account !== undefined && (
        <>
          <h2>{said.yours}</h2>
          {own.data === undefined && own.error !== undefined && (
            <TroubleNotice error={own.error} retry={own.reload} />
          )}
          {own.data?.data.length === 0 && <p class="told">{said.none}</p>}
          <div class="tickets">
            {own.data?.data.map((coupon) => (
              <Held key={coupon.id} coupon={coupon} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

interface Told {
  readonly kind: 'ok' | 'bad';
  readonly name: string;
}

function Terms({ coupon }: { coupon: Offered | Own }) {
  const said = words.value.coupons;
  return (
    <div>
      <b class="display">{couponTerms(coupon)}</b>
      <p class="small">{coupon.name}</p>
      <p class="tiny quiet">
        {coupon.minimumOrder > 0 && `${said.minimum(krw(coupon.minimumOrder))} · `}
        {said.until(day(coupon.validUntil))}
      </p>
    </div>
  );
}

interface OfferProps {
  readonly coupon: Offered;
  readonly isHeld: boolean;
  readonly mayClaim: boolean;
  /** Tells whether the customer got it; undefined where that is not known. */
  readonly onClaimed: (kind: Told['kind'] | undefined) => void;
}

function Offer({ coupon, isHeld, mayClaim, onClaimed }: OfferProps) {
  const said = words.value.coupons;
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const claim = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    let kind: Told['kind'] | undefined = 'ok';
    try {
      await api.call('claimCoupon', { path: { couponId: coupon.id } });
    } catch (failure) {
      const code = failure instanceof RowlockProblem ? failure.code : undefined;
      // A claim whose answer was lost says so when it is repeated.
      if (code !== 'coupon_already_issued') kind = code === 'coupon_sold_out' ? 'bad' : undefined;
      if (kind === undefined) setError(failure);
    }
    setBusy(false);
    onClaimed(kind);
  };
  const isGone = coupon.left === 0;
  return (
    <article class="card ticket">
      <Terms coupon={coupon} />
      <div class="claim">
        <span class="small num">
          {isGone ? said.gone : said.left(count(coupon.left), count(coupon.quantity))}
        </span>
        <div class="meter" role="presentation">
          <i style={{ width: `${(100 * coupon.left) / Math.max(coupon.quantity, 1)}%` }} />
        </div>
        {isHeld ? (
          <span class="pill ok">{said.have}</span>
        ) : (
          mayClaim && (
            <button
              type="button"
              disabled={isGone}
              aria-disabled={isBusy}
              aria-label={`${said.claim}: ${coupon.name}`}
              onClick={() => void claim()}
            >
              {isBusy ? said.claiming : isGone ? said.gone : said.claim}
            </button>
          )
        )}
      </div>
      <div role="alert" class="wide">
        {error !== undefined && <TroubleNotice error={error} retry={() => void claim()} />}
      </div>
    </article>
  );
}

function Held({ coupon }: { coupon: Own }) {
  const said = words.value.coupons;
  return (
    <article class="card ticket">
      <Terms coupon={coupon} />
      <span class={`pill ${coupon.status === 'ISSUED' ? 'ok' : ''}`}>{said.status[coupon.status]}</span>
    </article>
  );
}
