import { api } from '../../shared/api.ts';
import { timeOfDay } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { words } from '../words/shop-words.ts';
import { ProductCard, ProductSkeleton } from './product-card.tsx';

const SHOWN = 5;

/** The best sellers. They are a hint: without them the page is complete. */
export function Popular() {
  const { list } = words.value;
  const popular = useLoad('popular', async (signal) => {
    const { data, generatedAt } = await api.call('listPopularProducts', { query: { limit: SHOWN }, signal });
    const products = await Promise.all(
      data.map(({ id }) =>
        api.call('readProduct', { path: { productId: id }, signal }).catch(() => undefined),
      ),
    );
    return { products: products.filter((product) => product !== undefined), generatedAt };
  });
  // Its place is kept while it loads, so that the list below does not move.
  if (popular.data === undefined && popular.error === undefined) return <PopularWaiting />;
  if (popular.data === undefined || popular.data.products.length === 0) return null;
  return (
    <section>
      <div class="head">
        <h2>{list.popular}</h2>
        <span class="tiny quiet num">{list.popularAsOf(timeOfDay(popular.data.generatedAt))}</span>
      </div>
      <ol class="grid ranked">
        {popular.data.products.map((product, index) => (
          <li key={product.id}>
            <span class="rank" aria-label={list.rank(index + 1)} role="img">
              {index + 1}
            </span>
            <ProductCard product={product} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function PopularWaiting() {
  const { list } = words.value;
  return (
    <div aria-hidden="true">
      <div class="head">
        <h2>{list.popular}</h2>
      </div>
      <div class="grid ranked">
        {Array.from({ length: SHOWN }, (_, index) => (
          <ProductSkeleton key={index} />
        ))}
      </div>
    </div>
  );
}
