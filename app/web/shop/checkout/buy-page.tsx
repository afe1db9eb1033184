import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { krw } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { useLoad } from '../../shared/use-load.ts';
import { WithAccount } from '../account/with-account.tsx';
import { paths } from '../paths.ts';
import { Picture } from '../picture.tsx';
import type { Product } from '../catalogue/catalogue-page.tsx';
import { LINE_MAX } from '../product/product-page.tsx';
import { type SaleTimes, saleStateOf } from '../product/sale-window.ts';
import { StockPill } from '../product/stock-pill.tsx';
import { Stepper } from '../product/stepper.tsx';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { Checkout } from './checkout.tsx';
import { purchases } from './shop-purchases.ts';

/** A sale may open or sell out while the customer looks at the sum. */
const REFRESH_MS = 2000;

/** Buys one product, past the cart. */
export function BuyPage({ id = '' }: { id?: string }) {
  const said = words.value.checkout;
  const { query } = useLocation();
  const asked = Math.trunc(Number(query['quantity'] ?? 1));
  const [quantity, setQuantity] = useState(asked >= 1 && asked <= LINE_MAX ? asked : 1);
  const product = useLoad(
    `product ${id}`,
    (signal) => api.call('readProduct', { path: { productId: id }, signal }),
    { everyMs: REFRESH_MS },
  );
  useTitle(said.title);
  const { data } = product;
  const isDone = purchases.state.value.step === 'ordered';
  return (
    <section class="narrow">
      <h1>{said.title}</h1>
      {data === undefined && product.error !== undefined && (
        <TroubleNotice error={product.error} retry={product.reload} />
      )}
      {data === undefined && product.error === undefined && (
        <div class="buy-line skeleton" aria-busy="true" />
      )}
      {data !== undefined && !isDone && (
        <div class="card pad">
          <div class="buy-line">
            <Picture image={data.images[0]} alt="" sizes="96px" isFirst />
            <div>
              <a href={paths.product(data.id)}>{data.name}</a>
              <div class="quiet num small">{krw(data.price)}</div>
              <StockPill stock={data.stock} />
            </div>
            <Stepper
              value={quantity}
              max={Math.max(1, Math.min(data.stock, data.purchaseLimit ?? LINE_MAX, LINE_MAX))}
              onChange={setQuantity}
            />
          </div>
          <WithAccount next={paths.buy(data.id, quantity)}>
            {(account) => (
              <Checkout
                account={account}
                subtotal={data.price * quantity}
                order={{ items: [{ productId: data.id, quantity }] }}
                from={paths.buy(data.id, quantity)}
                blockedBecause={blockOf(data)}
              />
            )}
          </WithAccount>
        </div>
      )}
    </section>
  );
}

/** Why the product cannot be ordered now, as far as the page knows. */
function blockOf(product: Product & SaleTimes): string | undefined {
  const said = words.value;
  if (product.stock === 0) return said.product.soldOut;
  const sale = saleStateOf(product, Date.now());
  if (sale.code === 'before') return said.outcome.notStarted;
  return sale.code === 'over' ? said.product.over : undefined;
}
