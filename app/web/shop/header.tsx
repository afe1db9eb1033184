import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { krw } from '../shared/format.ts';
import { accountState } from './account/account-state.ts';
import { balance } from './account/wallet-state.ts';
import { cart, isCartOpen, unitsIn } from './cart/cart-state.ts';
import { listingSearch, readListingQuery } from './catalogue/listing-query.ts';
import { paths } from './paths.ts';
import { words } from './words/shop-words.ts';

export function Header() {
  const { nav, name } = words.value;
  const { path } = useLocation();
  const { code } = accountState.value;
  const units = cart.value === undefined ? 0 : unitsIn(cart.value);
  const link = (href: string, text: string, extra = '') => (
    <a href={href} class={extra} aria-current={path === href ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <header class="bar">
      <div>
        <a class="brand" href={paths.list}>
          {name}
        </a>
        <Search />
        <nav aria-label={nav.main}>
          {link(paths.coupons, nav.coupons, code === 'guest' ? '' : 'spare')}
          {code !== 'guest' && link(paths.orders, nav.orders)}
          {code !== 'guest' && (
            <a
              href={paths.balance}
              class="num money"
              aria-current={path === paths.balance ? 'page' : undefined}
              aria-label={balance.value === undefined ? nav.balance : `${nav.balance} ${krw(balance.value)}`}
            >
              {balance.value === undefined ? '₩ –' : krw(balance.value)}
            </a>
          )}
          {code === 'guest' ? link(paths.logIn(), nav.logIn) : link(paths.account, nav.account)}
          <button
            type="button"
            class="cart-button"
            aria-haspopup="dialog"
            onClick={() => {
              isCartOpen.value = true;
            }}
          >
            {nav.cart} {units > 0 && <b class="num">{units}</b>}
          </button>
        </nav>
      </div>
    </header>
  );
}

function Search() {
  const { list } = words.value;
  const { query, route, path } = useLocation();
  const asked = path === paths.list ? readListingQuery(query) : readListingQuery({});
  const [text, setText] = useState(asked.q);
  useEffect(() => setText(asked.q), [asked.q]);
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        route(`${paths.list}${listingSearch({ ...asked, q: text.trim() })}`);
      }}
    >
      <input
        type="search"
        name="q"
        value={text}
        maxLength={100}
        placeholder={list.searchPlaceholder}
        aria-label={list.search}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}
