import { useEffect, useRef } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { OfflineBar } from '../shared/offline-bar.tsx';
import { Preferences } from '../shared/preferences.tsx';
import { sharedWords } from '../shared/words.ts';
import { AccountPage } from './account/account-page.tsx';
import { accountState, customerOf, readAccount } from './account/account-state.ts';
import { LogInPage, SignUpPage } from './account/credentials-page.tsx';
import { balance, refreshBalance } from './account/wallet-state.ts';
import { CartDrawer } from './cart/cart-drawer.tsx';
import { CartPage } from './cart/cart-page.tsx';
import { cart, isCartOpen, mayHaveCart, readCart } from './cart/cart-state.ts';
import { CataloguePage } from './catalogue/catalogue-page.tsx';
import { BuyPage } from './checkout/buy-page.tsx';
import { OutcomeNotice } from './checkout/outcome-notice.tsx';
import { purchases } from './checkout/shop-purchases.ts';
import { CouponsPage } from './coupons/coupons-page.tsx';
import { Header } from './header.tsx';
import { OrderPage } from './orders/order-page.tsx';
import { OrdersPage } from './orders/orders-page.tsx';
import { paths } from './paths.ts';
import { ProductPage } from './product/product-page.tsx';
import { BalancePage } from './wallet/balance-page.tsx';
import { words } from './words/shop-words.ts';

export function App() {
  return (
    <LocationProvider scope={paths.base}>
      <Shop />
    </LocationProvider>
  );
}

function Shop() {
  useSession();
  const main = useRef<HTMLElement>(null);
  useFocusAfterNavigation(main);
  return (
    <>
      <a class="button skip" href="#content">
        {sharedWords.value.skip}
      </a>
      <Header />
      <OfflineBar />
      <main id="content" ref={main} tabIndex={-1}>
        {!isCartOpen.value && <OutcomeNotice />}
        <Router>
          <Route path={paths.list} component={CataloguePage} />
          <Route path={`${paths.base}/products/:id`} component={ProductPage} />
          <Route path={`${paths.base}/buy/:id`} component={BuyPage} />
          <Route path={paths.cart} component={CartPage} />
          <Route path={paths.coupons} component={CouponsPage} />
          <Route path={paths.orders} component={OrdersPage} />
          <Route path={`${paths.orders}/:id`} component={OrderPage} />
          <Route path={paths.balance} component={BalancePage} />
          <Route path={paths.account} component={AccountPage} />
          <Route path={`${paths.base}/log-in`} component={LogInPage} />
          <Route path={`${paths.base}/sign-up`} component={SignUpPage} />
          <Route default component={MissingPage} />
        </Router>
      </main>
      <footer class="foot">
        <Preferences />
        <a class="small" href="/docs">
          {words.value.nav.docs}
        </a>
      </footer>
      <CartDrawer />
    </>
  );
}

/** Reads who this is, then what belongs to them; continues a purchase that a reload interrupted. */
function useSession(): void {
  const account = customerOf(accountState.value);
  useEffect(() => void readAccount(), []);
  useEffect(() => {
    if (account === undefined) {
      balance.value = undefined;
      cart.value = undefined;
      if (mayHaveCart()) void readCart();
      return;
    }
    void refreshBalance();
    void readCart();
    void purchases.resume(account.id);
  }, [account?.id]);
  const { step } = purchases.state.value;
  useEffect(() => {
    if (step !== 'ordered') return;
    void refreshBalance();
    void readCart();
  }, [step]);
}

/** After a navigation the page begins at its top, for eyes and for screen readers. */
function useFocusAfterNavigation(main: { readonly current: HTMLElement | null }): void {
  const { path } = useLocation();
  const earlier = useRef(path);
  useEffect(() => {
    if (earlier.current === path) return;
    earlier.current = path;
    isCartOpen.value = false;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
}

function MissingPage() {
  const { missing, cart: cartWords } = words.value;
  return (
    <section class="narrow">
      <h1>{missing.title}</h1>
      <p class="quiet">{missing.text}</p>
      <a class="button" href={paths.list}>
        {cartWords.browse}
      </a>
    </section>
  );
}
