import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { timeOfDay } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { words } from '../words/shop-words.ts';
import type { Product } from './catalogue-page.tsx';
import { ProductCard, ProductSkeleton } from './product-card.tsx';

export interface PopularProps {
  readonly popular: Answer<'listPopularProducts'>;
  /** Products that the page has already. */
  readonly known: readonly Product[];
}

/** The best sellers. Their place is kept while their pictures are loading. */
export function Popular({ popular: { data, generatedAt }, known }: PopularProps) {
  const { list } = words.value;
  const loaded = useLoad('popular', (signal) =>
    Promise.all(
      data.map(
        async ({ id }) =>
          known.find((product) => product.id === id) ??
          api.call('readProduct', { path: { productId: id }, signal }).catch(() => undefined),
      ),
    ),
  );
  const products = loaded.data?.filter((product) => product !== undefined);
  if (data.length === 0 || products?.length === 0) return null;
  return (
    <section>
      <div class="head">
        <h2>{list.popular}</h2>
        <span class="tiny quiet num">{list.popularAsOf(timeOfDay(generatedAt))}</span>
      </div>
      <ol class="grid ranked" aria-busy={products === undefined}>
        {products === undefined
          ? data.map(({ id }) => (
              <li key={id} aria-hidden="true">
                <ProductSkeleton />
              </li>
            ))
          : products.map((product, index) => (
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
