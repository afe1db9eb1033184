import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { LoadedPages } from '../../shared/use-pages.ts';
import { frameWords } from '../frame/words.ts';
import { type Column, DataTable, TableSkeleton } from './data-table.tsx';
import { View } from './view.tsx';

export interface ListViewProps<Item> {
  readonly caption: string;
  readonly loaded: LoadedPages<Item>;
  readonly columns: readonly Column<Item>[];
  readonly keyOf: (item: Item) => string;
  /** What an empty list means, and what one can do about it. */
  readonly empty: ComponentChildren;
}

/** A list with all its states. */
export function ListView<Item>({ loaded, columns, empty, ...table }: ListViewProps<Item>) {
  return (
    <section class="card list">
      <View loaded={loaded} skeleton={<TableSkeleton columns={columns} />}>
        {() => {
          const items = loaded.items ?? [];
          return items.length === 0 && !loaded.hasMore ? (
            <div class="empty">{empty}</div>
          ) : (
            <>
              <DataTable {...table} columns={columns} items={items} />
              <More loaded={loaded} shown={items.length} />
            </>
          );
        }}
      </View>
    </section>
  );
}

function More({ loaded, shown }: { loaded: LoadedPages<unknown>; shown: number }) {
  const [isBusy, setBusy] = useState(false);
  const words = frameWords.value;
  const more = async (): Promise<void> => {
    setBusy(true);
    await loaded.more();
    setBusy(false);
  };
  return (
    <div class="row list-foot">
      <span class="tiny quiet num" role="status">
        {loaded.hasMore ? words.shownSoFar(shown) : words.shownAll(shown)}
      </span>
      {loaded.hasMore && (
        <button type="button" class="plain end" aria-disabled={isBusy} onClick={() => void more()}>
          {words.more}
        </button>
      )}
    </div>
  );
}
