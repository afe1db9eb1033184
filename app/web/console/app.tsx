import { useEffect, useRef } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { OfflineBar } from '../shared/offline-bar.tsx';
import { TroubleNotice } from '../shared/trouble-notice.tsx';
import { sharedWords } from '../shared/words.ts';
import { AuditPage } from './audit/audit-page.tsx';
import { DemoSalePage } from './demo-sale/demo-sale-page.tsx';
import { CouponPage } from './coupons/coupon-page.tsx';
import { CouponsPage } from './coupons/coupons-page.tsx';
import { NewCouponPage } from './coupons/new-coupon-page.tsx';
import { CustomerFilePage } from './customers/customer-file-page.tsx';
import { CustomersPage } from './customers/customers-page.tsx';
import { EventsPage } from './events/events-page.tsx';
import { MissingPage } from './frame/missing-page.tsx';
import { Sidebar } from './frame/sidebar.tsx';
import { JoinPage } from './operators/join-page.tsx';
import { OperatorsPage } from './operators/operators-page.tsx';
import { OrderPage } from './orders/order-page.tsx';
import { OrdersPage } from './orders/orders-page.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { SaidNotice, unsay } from './parts/say.tsx';
import { paths } from './paths.ts';
import { NewProductPage } from './products/new-product-page.tsx';
import { ProductPage } from './products/product-page.tsx';
import { ProductsPage } from './products/products-page.tsx';
import { RunbookPage } from './runbook/runbook-page.tsx';
import { SaleListPage } from './sale/sale-list-page.tsx';
import { SalePage } from './sale/sale-page.tsx';
import { CustomerPage } from './session/customer-page.tsx';
import { LogInPage } from './session/log-in-page.tsx';
import { may, readSession, session } from './session/session-state.ts';

export function App() {
  useEffect(() => void readSession(), []);
  return (
    <LocationProvider scope={paths.base}>
      <Gate />
      <SaidNotice />
    </LocationProvider>
  );
}

/** Lets admins in, and tells everyone else how to become one of them. */
function Gate() {
  const { value } = session;
  const { path } = useLocation();
  if (path === paths.join) return <JoinPage />;
  switch (value.code) {
    case 'unknown':
      return (
        <main id="content" class="door">
          <div class="door-brand display">Rowlock</div>
          {value.error === undefined ? (
            <p class="quiet" role="status">
              {sharedWords.value.loading} …
            </p>
          ) : (
            <TroubleNotice error={value.error} retry={() => void readSession()} />
          )}
        </main>
      );
    case 'none':
      return <LogInPage hasEnded={value.hasEnded} />;
    case 'customer':
      return <CustomerPage account={value.account} />;
    case 'admin':
      return <Console />;
  }
}

function Console() {
  const { value } = session;
  const main = useRef<HTMLElement>(null);
  useFocusAfterNavigation(main);
  if (value.code !== 'admin') return null;
  const mayCreate = may('operator');
  return (
    <>
      <a class="button skip" href="#content">
        {sharedWords.value.skip}
      </a>
      <div class="frame">
        <Sidebar account={value.account} role={value.role} />
        <main id="content" ref={main} tabIndex={-1}>
          <OfflineBar />
          <Router>
            <Route path={paths.overview} component={OverviewPage} />
            <Route path={paths.orders} component={OrdersPage} />
            <Route path={paths.order(':id')} component={OrderPage} />
            <Route path={paths.customers} component={CustomersPage} />
            <Route path={paths.customer(':id')} component={CustomerFilePage} />
            <Route path={paths.demoSale} component={DemoSalePage} />
            <Route path={paths.saleRoom} component={SaleListPage} />
            <Route path={paths.sale(':id')} component={SalePage} />
            <Route path={paths.events} component={EventsPage} />
            <Route path={paths.audit} component={AuditPage} />
            <Route path={paths.operators} component={OperatorsPage} />
            <Route path={paths.runbook(':heading')} component={RunbookPage} />
            <Route path={paths.products} component={ProductsPage} />
            <Route path={paths.newProduct} component={mayCreate ? NewProductPage : MissingPage} />
            <Route path={paths.product(':id')} component={ProductPage} />
            <Route path={paths.coupons} component={CouponsPage} />
            <Route path={paths.newCoupon} component={mayCreate ? NewCouponPage : MissingPage} />
            <Route path={paths.coupon(':id')} component={CouponPage} />
            <Route default component={MissingPage} />
          </Router>
        </main>
      </div>
    </>
  );
}

/** After a navigation the page begins at its top, for eyes and for screen readers. */
function useFocusAfterNavigation(main: { readonly current: HTMLElement | null }): void {
  const { path } = useLocation();
  const earlier = useRef(path);
  useEffect(() => {
    if (earlier.current === path) return;
    earlier.current = path;
    unsay();
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
}
