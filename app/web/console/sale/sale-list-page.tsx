import { api } from '../../shared/api.ts';
import { count } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import { demoSaleWords } from '../demo-sale/words.ts';
import { ListView } from '../parts/list-view.tsx';
import { Page } from '../parts/page.tsx';
import { paths } from '../paths.ts';
import { Thumbnail } from '../products/picture.tsx';
import { StatusPill, StockFigure } from '../products/product-state.tsx';
import { productWords } from '../products/words.ts';
import { saleWords } from './words.ts';

const LIMIT = 25;

/** Which product to watch. */
export function SaleListPage() {
  const words = saleWords.value;
  const names = productWords.value;
  const loaded = usePages('sale', (cursor, signal) =>
    api.call('listAllProducts', {
      query: { limit: LIMIT, ...(cursor !== undefined && { cursor }) },
      ...(signal && { signal }),
    }),
  );
  return (
    <Page
      title={words.title}
      at={loaded.at}
      actions={
        <>
          <a class="button plain" href={paths.demoSale}>
            {demoSaleWords.value.title}
          </a>
          <a class="button plain" href={paths.runbook('before-a-sale')}>
            {words.before}
          </a>
        </>
      }
    >
      <p class="quiet">{words.lead}</p>
      <ListView
        caption={words.title}
        loaded={loaded}
        keyOf={({ id }) => id}
        empty={words.empty}
        columns={[
          {
            head: names.name,
            cell: ({ id, name, images }) => (
              <a class="with-picture" href={paths.sale(id)}>
                <Thumbnail images={images} />
                {name}
              </a>
            ),
          },
          { head: names.status, cell: (product) => <StatusPill product={product} /> },
          {
            head: names.limit,
            isNumber: true,
            cell: ({ purchaseLimit }) =>
              purchaseLimit === null ? <span class="quiet">{names.limitNone}</span> : count(purchaseLimit),
          },
          { head: names.stock, isNumber: true, cell: ({ stock }) => <StockFigure stock={stock} /> },
        ]}
      />
    </Page>
  );
}
