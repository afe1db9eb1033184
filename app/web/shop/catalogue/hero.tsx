import { count, krw } from '../../shared/format.ts';
import { paths } from '../paths.ts';
import { Picture } from '../picture.tsx';
import { SaleClock } from '../product/sale-clock.tsx';
import { type SaleTimes, saleStateOf } from '../product/sale-window.ts';
import { words } from '../words/shop-words.ts';
import type { Product } from './catalogue-page.tsx';

/** A sale: limited per customer or in time, not over, and not gone. */
export function isHero(product: Product & SaleTimes): boolean {
  const sale = saleStateOf(product, Date.now());
  if (product.stock === 0 || sale.code === 'over') return false;
  return product.purchaseLimit !== null || sale.code !== 'always';
}

export function Hero({ product }: { product: Product & SaleTimes }) {
  const { product: said } = words.value;
  const { purchaseLimit } = product;
  return (
    <section class="hero" aria-labelledby="hero-name">
      <div class="text">
        <div class="row">
          <span class="pill bad">{said.onSale}</span>
          {purchaseLimit !== null && <span class="pill">{said.limit(purchaseLimit)}</span>}
        </div>
        <h2 id="hero-name" class="name">
          {product.name}
        </h2>
        <dl class="figures">
          <div>
            <dt>{said.each}</dt>
            <dd class="num">{krw(product.price)}</dd>
          </div>
          <div>
            <dt>{said.inStock}</dt>
            <dd class="num">{said.left(count(product.stock))}</dd>
          </div>
        </dl>
        <SaleClock times={product} />
        <a class="button" href={paths.product(product.id)} aria-label={`${said.see}: ${product.name}`}>
          {said.see}
        </a>
      </div>
      <div class="art">
        <Picture image={product.images[0]} alt="" sizes="(max-width: 620px) 360px, 620px" isFirst />
      </div>
    </section>
  );
}
