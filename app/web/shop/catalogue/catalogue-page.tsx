import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { StaleNotice, TroubleNotice } from '../../shared/trouble-notice.tsx';
import { useLoad } from '../../shared/use-load.ts';
import { sharedWords } from '../../shared/words.ts';
import { paths } from '../paths.ts';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { PAGE_SIZE, takeEarly } from './early-list.ts';
import { Filters } from './filters.tsx';
import { Hero, isHero } from './hero.tsx';
import { apiQuery, listingSearch, readListingQuery } from './listing-query.ts';
import { Popular } from './popular.tsx';
import { ProductCard, ProductSkeleton } from './product-card.tsx';

export type Product = Answer<'readProduct'>;
type Page = Answer<'listProducts'>;

/** Pictures that a first screen shows. */
const FIRST_SCREEN = 4;

export function CataloguePage() {
  const { list } = words.value;
  const { query: search } = useLocation();
  const asked = readListingQuery(search);
  const key = listingSearch(asked);
  const isWhole = key === '';
  useTitle(asked.q === '' ? undefined : list.found(asked.q));
  const first = useLoad(`list${key}`, (signal) => {
    const early = isWhole ? takeEarly() : undefined;
    return early ?? api.call('listProducts', { query: { ...apiQuery(asked), limit: PAGE_SIZE }, signal });
  });
  const products = first.data?.data;
  const hero = isWhole ? products?.find((product) => isHero(product)) : undefined;
  return (
    <>
      {isWhole && <h1 class="visually-hidden">{list.title}</h1>}
      {isWhole && <HeroPlace isLoading={first.isLoading && products === undefined} hero={hero} />}
      <Filters asked={asked} />
      {isWhole && <Popular />}
      <div class="head">
        {isWhole ? <h2>{list.title}</h2> : <h1>{asked.q === '' ? list.title : list.found(asked.q)}</h1>}
      </div>
      <StaleNotice loaded={first} />
      {products === undefined ? (
        first.error === undefined ? (
          <Waiting />
        ) : (
          <TroubleNotice error={first.error} retry={first.reload} />
        )
      ) : products.length === 0 && first.data?.nextCursor === null ? (
        <Empty />
      ) : (
        first.data !== undefined && <Grid key={key} first={first.data} query={apiQuery(asked)} />
      )}
    </>
  );
}

function HeroPlace({ isLoading, hero }: { isLoading: boolean; hero: Product | undefined }) {
  if (hero !== undefined) return <Hero product={hero} />;
  return isLoading ? <div class="hero skeleton" aria-hidden="true" /> : null;
}

function Waiting() {
  return (
    <div class="grid" aria-busy="true">
      <p class="visually-hidden" role="status">
        {sharedWords.value.loading}
      </p>
      {Array.from({ length: 10 }, (_, index) => (
        <ProductSkeleton key={index} />
      ))}
    </div>
  );
}

function Empty() {
  const { list } = words.value;
  return (
    <div class="told" role="status">
      <b>{list.empty}</b>
      <a class="button plain" href={paths.list}>
        {list.clear}
      </a>
    </div>
  );
}

/** The first page, and the further ones that the visitor asks for. */
function Grid({ first, query }: { first: Page; query: ReturnType<typeof apiQuery> }) {
  const { list } = words.value;
  const [further, setFurther] = useState<readonly Page[]>([]);
  const [error, setError] = useState<unknown>(undefined);
  const [isLoading, setLoading] = useState(false);
  const pages = [first, ...further];
  const cursor = pages.at(-1)?.nextCursor ?? null;
  useEffect(() => setFurther([]), [first]);
  const more = async (): Promise<void> => {
    if (cursor === null || isLoading) return;
    setLoading(true);
    try {
      const page = await api.call('listProducts', { query: { ...query, limit: PAGE_SIZE, cursor } });
      setFurther((before) => [...before, page]);
      setError(undefined);
    } catch (reason) {
      setError(reason);
    }
    setLoading(false);
  };
  return (
    <>
      <ul class="grid">
        {pages
          .flatMap(({ data }) => data)
          .map((product, index) => (
            <li key={product.id}>
              <ProductCard product={product} isFirst={index < FIRST_SCREEN} />
            </li>
          ))}
      </ul>
      {error !== undefined && <TroubleNotice error={error} retry={() => void more()} />}
      <p class="more">
        {cursor === null ? (
          <span class="quiet small">{list.end}</span>
        ) : (
          <button type="button" class="plain" aria-disabled={isLoading} onClick={() => void more()}>
            {isLoading ? sharedWords.value.loading : list.more}
          </button>
        )}
      </p>
    </>
  );
}
