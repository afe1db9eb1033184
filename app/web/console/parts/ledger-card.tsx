import { useEffect } from 'preact/hooks';
import { type Page, usePages } from '../../shared/use-pages.ts';
import { frameWords } from '../frame/words.ts';
import { type Column, DataTable, TableSkeleton } from './data-table.tsx';
import { View } from './view.tsx';

const LEDGER_LIMIT = 10;

export interface LedgerProps<Entry> {
  readonly title: string;
  readonly empty: string;
  /** Changes with the thing whose ledger it is. */
  readonly name: string;
  /** Changes when there may be a new entry. */
  readonly turn: unknown;
  readonly columns: readonly Column<Entry>[];
  readonly load: (query: { limit: number; cursor?: string }, signal?: AbortSignal) => Promise<Page<Entry>>;
}

/** Every change of a stock or balance, newest first, with the value after it. */
export function LedgerCard<Entry extends { readonly seq: number }>(props: LedgerProps<Entry>) {
  const { title, empty, name, turn, columns, load } = props;
  const loaded = usePages(name, (cursor, signal) =>
    load({ limit: LEDGER_LIMIT, ...(cursor !== undefined && { cursor }) }, signal),
  );
  useEffect(() => {
    if (loaded.at !== undefined) loaded.reload();
  }, [turn]);
  return (
    <section class="card pad">
      <h2 class="h3">{title}</h2>
      <View loaded={loaded} skeleton={<TableSkeleton columns={columns} rows={4} />}>
        {() =>
          loaded.items?.length === 0 ? (
            <p class="quiet small">{empty}</p>
          ) : (
            <>
              <DataTable
                caption={title}
                items={loaded.items ?? []}
                keyOf={({ seq }) => String(seq)}
                columns={columns}
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
