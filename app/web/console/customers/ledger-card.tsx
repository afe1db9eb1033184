import { useEffect } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import { frameWords } from '../frame/words.ts';
import { type Column, DataTable, TableSkeleton } from '../parts/data-table.tsx';
import { View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import type { CustomerFile, LedgerEntry } from './customer.ts';
import { customerWords } from './words.ts';

const LIMIT = 10;

/** Every movement of a balance, with the balance after it. `turn` changes when there may be a new one. */
export function LedgerCard({ file, turn }: { file: CustomerFile; turn: unknown }) {
  const words = customerWords.value;
  const loaded = usePages(`ledger ${file.id}`, (cursor, signal) =>
    api.call('listCustomerEntries', {
      path: { customerId: file.id },
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
        {() =>
          loaded.items?.length === 0 ? (
            <p class="quiet small">{words.noLedger}</p>
          ) : (
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
          )
        }
      </View>
    </section>
  );
}

function columns(): Column<LedgerEntry>[] {
  const words = customerWords.value;
  return [
    {
      head: words.entry,
      cell: ({ seq, kind, orderId }) => (
        <span>
          <b>{words.kinds[kind]}</b> <span class="tiny quiet">{words.seq(count(seq))}</span>{' '}
          {orderId !== null && <a href={paths.order(orderId)}>{words.order}</a>}
        </span>
      ),
    },
    { head: words.amount, isNumber: true, cell: ({ amount }) => krw(amount) },
    { head: words.after, isNumber: true, cell: ({ balanceAfter }) => krw(balanceAfter) },
    { head: words.at, isNumber: true, cell: ({ createdAt }) => dateTime(createdAt) },
  ];
}
