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
import { Filters } from './filters.tsx';
import { type FrontPage, readFrontPage } from './front-page.ts';
import { PAGE_SIZE } from './front-page-query.ts';
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
  const first = useLoad(`list${key}`, async (signal): Promise<FrontPage> => {
    if (isWhole) return readFrontPage(signal);
    const query = { ...apiQuery(asked), limit: PAGE_SIZE };
    return { list: await api.call('listProducts', { query, signal }), popular: undefined };
  });
  const page = first.data?.list;
  const products = page?.data;
  const hero = isWhole ? products?.find((product) => isHero(product)) : undefined;
  // Which parts there are is only known now; whatever was shown before would move.
  if (isWhole && products === undefined && first.error === undefined) return <FrontWaiting />;
  return (
    <>
      {isWhole && <h1 class="visually-hidden">{list.title}</h1>}
      {hero !== undefined && <Hero product={hero} />}
      <Filters asked={asked} />
      {first.data?.popular !== undefined && (
        <Popular popular={first.data.popular} known={first.data.list.data} />
      )}
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
      ) : products.length === 0 && page?.nextCursor === null ? (
        <Empty />
      ) : (
        page !== undefined && <Grid key={key} first={page} query={apiQuery(asked)} />
      )}
    </>
  );
}

function FrontWaiting() {
  return (
    <>
      <h1 class="visually-hidden">{words.value.list.title}</h1>
      <div class="hero skeleton" aria-hidden="true" />
      <Waiting />
    </>
  );
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
