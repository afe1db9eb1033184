import { useEffect } from 'preact/hooks';
import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { count, dateTime } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import { frameWords } from '../frame/words.ts';
import { type Column, DataTable, TableSkeleton } from '../parts/data-table.tsx';
import { View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { productWords } from './words.ts';

type StockEntry = Answer<'listStockEntries'>['data'][number];

const LIMIT = 10;

/** Every change of a stock, with the stock after it. `turn` changes when there may be a new one. */
export function StockLedgerCard({ productId, turn }: { productId: string; turn: unknown }) {
  const words = productWords.value;
  const loaded = usePages(`stock ${productId}`, (cursor, signal) =>
    api.call('listStockEntries', {
      path: { productId },
      query: { limit: LIMIT, ...(cursor !== undefined && { cursor }) },
      ...(signal && { signal }),
    }),
  );
  useEffect(() => {
    if (loaded.at !== undefined) loaded.reload();
  }, [turn]);
  return (
    <section class="card pad">
      <h2 class="h3">{words.ledger}</h2>
      <View loaded={loaded} skeleton={<TableSkeleton columns={columns()} rows={4} />}>
        {() => (
          <>
            <DataTable
              caption={words.ledger}
              items={loaded.items ?? []}
              keyOf={({ seq }) => String(seq)}
              columns={columns()}
            />
            {loaded.hasMore && (
              <button type="button" class="plain" onClick={() => void loaded.more()}>
                {frameWords.value.more}
              </button>
            )}
          </>
        )}
      </View>
    </section>
  );
}

function columns(): Column<StockEntry>[] {
  const words = productWords.value;
  return [
    {
      head: words.change,
      cell: ({ seq, kind, orderId, reason }) => (
        <div>
          <b>{words.kinds[kind]}</b> <span class="tiny quiet">{words.seq(count(seq))}</span>{' '}
          {orderId !== null && <a href={paths.order(orderId)}>{words.order}</a>}
          {reason !== null && <div class="small quiet">{reason}</div>}
        </div>
      ),
    },
    {
      head: words.units,
      isNumber: true,
      cell: ({ delta }) => (delta > 0 ? `+${count(delta)}` : count(delta)),
    },
    { head: words.after, isNumber: true, cell: ({ stockAfter }) => count(stockAfter) },
    {
      head: words.byWhom,
      isNumber: true,
      cell: ({ by, createdAt }) => (
        <div>
          {by !== null &&
            (by.role === 'customer' ? <a href={paths.customer(by.id)}>{by.email}</a> : by.email)}
          {createdAt !== null && <div class="tiny quiet">{dateTime(createdAt)}</div>}
        </div>
      ),
    },
  ];
}
