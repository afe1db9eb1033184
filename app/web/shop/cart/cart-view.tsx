import { useEffect } from 'preact/hooks';
import { troubleOf } from '../../shared/api.ts';
import { krw } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { accountState, customerOf } from '../account/account-state.ts';
import { Checkout } from '../checkout/checkout.tsx';
import { OutcomeNotice } from '../checkout/outcome-notice.tsx';
import { purchases } from '../checkout/shop-purchases.ts';
import { paths } from '../paths.ts';
import { LINE_MAX } from '../product/product-page.tsx';
import { Stepper } from '../product/stepper.tsx';
import { Thumb } from '../thumb.tsx';
import { words } from '../words/shop-words.ts';
import {
  type Cart,
  type CartLine,
  cart,
  cartError,
  linesBusy,
  mayHaveCart,
  readCart,
  setQuantity,
} from './cart-state.ts';

/**
 * The cart's lines and the checkout of all of them, in the drawer and on their own page. The drawer covers
 * the page's notice of an outcome, so it has its own.
 */
export function CartView({ isDrawer = false }: { isDrawer?: boolean }) {
  const said = words.value.cart;
  const account = customerOf(accountState.value);
  const held = cart.value;
  useEffect(() => {
    if (account !== undefined || mayHaveCart()) void readCart();
  }, []);
  const failure = cartError.value;
  const hasNone = held === undefined ? !mayHaveCart() && account === undefined : held.lines.length === 0;
  return (
    <>
      <div class="lines">
        {isDrawer && <OutcomeNotice />}
        {held === undefined && failure !== undefined && troubleOf(failure) !== 'session' && (
          <TroubleNotice error={failure} retry={() => void readCart()} />
        )}
        {hasNone && purchases.state.value.step === 'none' && (
          <div class="told">
            <b>{said.empty}</b>
            <a class="button plain" href={paths.list}>
              {said.browse}
            </a>
          </div>
        )}
        {held !== undefined && held.lines.length > 0 && (
          <ul>
            {held.lines.map((line) => (
              <Line key={line.productId} line={line} />
            ))}
          </ul>
        )}
      </div>
      {held !== undefined && held.lines.length > 0 && <Foot held={held} />}
    </>
  );
}

function Foot({ held }: { held: Cart }) {
  const said = words.value.cart;
  const account = customerOf(accountState.value);
  if (account === undefined)
    return (
      <div class="foot-of-cart">
        <div class="sum num">
          <b>{words.value.checkout.total}</b>
          <b>{krw(held.subtotal)}</b>
        </div>
        <p class="small quiet">{said.logIn}</p>
        <a class="button" href={paths.logIn(paths.cart)}>
          {words.value.account.logIn}
        </a>
      </div>
    );
  const blocked = held.lines.some(({ availability }) => availability !== 'available');
  return (
    <div class="foot-of-cart">
      <Checkout
        account={account}
        subtotal={held.subtotal}
        order={{ fromCart: true }}
        from={paths.cart}
        blockedBecause={blocked ? said.fix : undefined}
      />
    </div>
  );
}

function Line({ line }: { line: CartLine }) {
  const said = words.value.cart;
  const { productId, quantity, availability, limitLeft, stock } = line;
  const name = line.name ?? said.removed;
  const isBusy = linesBusy.value.has(productId);
  const most = Math.min(LINE_MAX, Math.max(stock, 1), limitLeft ?? LINE_MAX);
  const why =
    availability === 'available'
      ? undefined
      : availability === 'too_few'
        ? said.availability.too_few(stock)
        : availability === 'over_limit'
          ? said.availability.over_limit(limitLeft ?? 0)
          : said.availability[availability];
  return (
    <li class="line" aria-busy={isBusy}>
      <Thumb productId={productId} />
      <div class="small">
        <a href={paths.product(productId)}>{name}</a>
        <div class="quiet num">{line.unitPrice === null ? '–' : `${krw(line.unitPrice)} × ${quantity}`}</div>
        {why !== undefined && <span class="pill warn">{why}</span>}
      </div>
      <b class="num small">{krw(line.amount)}</b>
      <div class="row">
        {availability !== 'not_on_sale' && (
          <Stepper
            value={quantity}
            max={Math.max(most, 1)}
            label={name}
            isBusy={isBusy}
            onChange={(value) => void setQuantity(productId, Math.min(value, Math.max(most, 1)))}
          />
        )}
        <button
          type="button"
          class="text small"
          aria-label={said.remove(name)}
          aria-disabled={isBusy}
          onClick={() => void setQuantity(productId, 0)}
        >
          {said.takeOut}
        </button>
      </div>
    </li>
  );
}
