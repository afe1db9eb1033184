import { useState } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import { frameWords } from '../frame/words.ts';
import type { Column } from '../parts/data-table.tsx';
import { ListView } from '../parts/list-view.tsx';
import { Page } from '../parts/page.tsx';
import { useSettled } from '../parts/use-settled.ts';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { Thumbnail } from './picture.tsx';
import type { AdminProduct } from './product.ts';
import { StatusPill, StockFigure } from './product-state.tsx';
import { productWords } from './words.ts';

const LIMIT = 25;

export function ProductsPage() {
  const words = productWords.value;
  const [text, setText] = useState('');
  const wanted = useSettled(text.trim());
  const loaded = usePages(`products ${wanted}`, (cursor, signal) =>
    api.call('listAllProducts', {
      query: { limit: LIMIT, ...(wanted !== '' && { q: wanted }), ...(cursor !== undefined && { cursor }) },
      ...(signal && { signal }),
    }),
  );
  return (
    <Page
      title={words.title}
      at={loaded.at}
      actions={
        may('operator') && (
          <a class="button" href={paths.newProduct}>
            {words.create}
          </a>
        )
      }
    >
      <label class="find">
        <span class="visually-hidden">{words.find}</span>
        <input
          type="search"
          placeholder={words.find}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <ListView
        caption={words.title}
        loaded={loaded}
        columns={columns()}
        keyOf={({ id }) => id}
        empty={wanted === '' ? words.empty : frameWords.value.foundNone(wanted)}
      />
    </Page>
  );
}

function columns(): Column<AdminProduct>[] {
  const words = productWords.value;
  return [
    {
      head: words.name,
      cell: ({ id, name, images }) => (
        <a class="with-picture" href={paths.product(id)}>
          <Thumbnail images={images} />
          {name}
        </a>
      ),
    },
    { head: words.status, cell: (product) => <StatusPill product={product} /> },
    { head: words.priceShort, isNumber: true, cell: ({ price }) => krw(price) },
    { head: words.stock, isNumber: true, cell: ({ stock }) => <StockFigure stock={stock} /> },
    {
      head: words.limit,
      isNumber: true,
      cell: ({ purchaseLimit }) =>
        purchaseLimit === null ? <span class="quiet">{words.limitNone}</span> : count(purchaseLimit),
    },
    {
      head: words.updated,
      isNumber: true,
      cell: ({ updatedAt }) => <span class="quiet">{dateTime(updatedAt)}</span>,
    },
  ];
}
