import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { count, dateTime, signed } from '../../shared/format.ts';
import type { Column } from '../parts/data-table.tsx';
import { LedgerCard } from '../parts/ledger-card.tsx';
import { paths } from '../paths.ts';
import { productWords } from './words.ts';

type StockEntry = Answer<'listStockEntries'>['data'][number];

/** Every change of a stock. `turn` changes when there may be a new one. */
export function StockLedgerCard({ productId, turn }: { productId: string; turn: unknown }) {
  const words = productWords.value;
  return (
    <LedgerCard
      title={words.ledger}
      empty=""
      name={`stock ${productId}`}
      turn={turn}
      columns={columns()}
      load={(query, signal) =>
        api.call('listStockEntries', { path: { productId }, query, ...(signal && { signal }) })
      }
    />
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
      cell: ({ delta }) => signed(delta),
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
