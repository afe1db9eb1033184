import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api, RowlockProblem } from '../../shared/api.ts';
import { count, krw, timeOfDay } from '../../shared/format.ts';
import { StaleNotice, TroubleNotice } from '../../shared/trouble-notice.tsx';
import { useLoad } from '../../shared/use-load.ts';
import { sharedWords } from '../../shared/words.ts';
import { addToCart, cartError, isCartOpen, linesBusy } from '../cart/cart-state.ts';
import type { Product } from '../catalogue/catalogue-page.tsx';
import { paths } from '../paths.ts';
import { Picture } from '../picture.tsx';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { SaleClock } from './sale-clock.tsx';
import { type SaleTimes, saleStateOf } from './sale-window.ts';
import { Stepper } from './stepper.tsx';

/** A sale moves; two seconds are what shared caches keep a product for. */
const REFRESH_S = 2;
/** Most units in one line of an order. */
export const LINE_MAX = 99;

export function ProductPage({ id = '' }: { id?: string }) {
  const { product: said } = words.value;
  const loaded = useLoad(
    `product ${id}`,
    (signal) => api.call('readProduct', { path: { productId: id }, signal }),
    { everyMs: REFRESH_S * 1000 },
  );
  const { data, error, at } = loaded;
  useTitle(data?.name);
  const isGone = error instanceof RowlockProblem && error.status === 404;
  if (isGone)
    return (
      <section class="narrow">
        <h1>{said.gone}</h1>
        <a class="button" href={paths.list}>
          {said.back}
        </a>
      </section>
    );
  if (data === undefined)
    return error === undefined ? <ProductWaiting /> : <TroubleNotice error={error} retry={loaded.reload} />;
  return (
    <article class="page">
      <Picture image={data.images[0]} alt={data.name} sizes="(max-width: 900px) 100vw, 580px" isFirst />
      <div class="side">
        <Pills product={data} />
        <h1>{data.name}</h1>
        <p class="quiet">{data.description}</p>
        <div class="price num">{krw(data.price)}</div>
        <LiveStock product={data} at={at ?? Date.now()} />
        <StaleNotice loaded={loaded} />
        <Purchase product={data} />
      </div>
    </article>
  );
}

function Pills({ product }: { product: Product & SaleTimes }) {
  const { product: said } = words.value;
  const sale = saleStateOf(product, Date.now());
  const isSale = sale.code === 'open' || (sale.code === 'always' && product.purchaseLimit !== null);
  if (!isSale && product.purchaseLimit === null) return null;
  return (
    <div class="row">
      {isSale && product.stock > 0 && <span class="pill bad">{said.onSale}</span>}
      {product.purchaseLimit !== null && <span class="pill">{said.limit(product.purchaseLimit)}</span>}
    </div>
  );
}

/** Units left as the shop last said, and of the most that this page has seen. */
function LiveStock({ product, at }: { product: Product & SaleTimes; at: number }) {
  const { product: said } = words.value;
  const { stock } = product;
  const [most, setMost] = useState(stock);
  useEffect(() => setMost((before) => Math.max(before, stock)), [stock]);
  return (
    <div class="card live num">
      <div class="row small">
        <b>{stock === 0 ? said.soldOut : said.left(count(stock))}</b>
        <span class="end quiet">
          <SaleClock times={product} />
        </span>
      </div>
      <div
        class="meter"
        role="meter"
        aria-label={said.inStock}
        aria-valuemin={0}
        aria-valuemax={Math.max(most, 1)}
        aria-valuenow={stock}
      >
        <i style={{ width: `${(100 * stock) / Math.max(most, 1)}%` }} />
      </div>
      <span class="tiny quiet">{said.asOf(REFRESH_S, timeOfDay(at))}</span>
    </div>
  );
}

function Purchase({ product }: { product: Product & SaleTimes }) {
  const { product: said, cart: cartWords } = words.value;
  const { route } = useLocation();
  const [quantity, setQuantity] = useState(1);
  const [isAdded, setAdded] = useState(false);
  const sale = saleStateOf(product, Date.now());
  const max = Math.min(product.stock, product.purchaseLimit ?? LINE_MAX, LINE_MAX);
  const isOpen = product.stock > 0 && (sale.code === 'always' || sale.code === 'open');
  const add = async (): Promise<void> => {
    setAdded(false);
    if (await addToCart(product.id, Math.min(quantity, max))) {
      setAdded(true);
      isCartOpen.value = true;
    }
  };
  const refusal = cartError.value;
  return (
    <>
      <div class="row buying">
        <Stepper value={Math.min(quantity, Math.max(max, 1))} max={Math.max(max, 1)} onChange={setQuantity} />
        <button
          type="button"
          disabled={!isOpen}
          onClick={() => route(paths.buy(product.id, Math.min(quantity, max)))}
        >
          {product.stock === 0 ? said.soldOut : said.buy}
        </button>
        <button
          type="button"
          class="plain"
          disabled={!isOpen}
          aria-disabled={linesBusy.value.has(product.id)}
          onClick={() => void add()}
        >
          {said.add}
        </button>
      </div>
      <p role="status" class="small">
        {isAdded && said.added}
      </p>
      {refusal instanceof RowlockProblem && typeof refusal.problem['limit'] === 'number' && (
        <p class="told bad" role="alert">
          {cartWords.full(refusal.problem['limit'])}
        </p>
      )}
    </>
  );
}

function ProductWaiting() {
  return (
    <div class="page" aria-busy="true">
      <p class="visually-hidden" role="status">
        {sharedWords.value.loading}
      </p>
      <div class="picture skeleton" />
      <div class="side" aria-hidden="true">
        <h1 class="skeleton">Name of the product</h1>
        <p class="skeleton">A line that describes it</p>
        <div class="price skeleton">₩000,000</div>
        <div class="card live skeleton">left</div>
      </div>
    </div>
  );
}
