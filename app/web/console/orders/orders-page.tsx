import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import type { Column } from '../parts/data-table.tsx';
import { ListView } from '../parts/list-view.tsx';
import { Page } from '../parts/page.tsx';
import { paths } from '../paths.ts';
import type { AdminOrder } from './order.ts';
import {
  kindOf,
  type OrderFilters,
  queryOf,
  readFilters,
  searchKinds,
  type SearchKind,
  searchOf,
} from './order-filters.ts';
import { OrderStatusPill } from './order-state.tsx';
import { orderWords } from './words.ts';

const LIMIT = 25;

export function OrdersPage() {
  const words = orderWords.value;
  const { query, route } = useLocation();
  const filters = readFilters(query);
  const search = searchOf(filters);
  const loaded = usePages(`orders${search}`, (cursor, signal) =>
    api.call('listAllOrders', {
      query: { ...queryOf(filters), limit: LIMIT, ...(cursor !== undefined && { cursor }) },
      ...(signal && { signal }),
    }),
  );
  const isEmptySoFar = loaded.items?.length === 0 && loaded.hasMore;
  return (
    <Page title={words.title} at={loaded.at}>
      <FilterForm
        key={search}
        filters={filters}
        onFind={(wanted) => route(`${paths.orders}${searchOf(wanted)}`)}
      />
      {isEmptySoFar && <p class="told">{words.lookFurther}</p>}
      <ListView
        caption={words.title}
        loaded={loaded}
        columns={columns()}
        keyOf={({ id }) => id}
        empty={search === '' ? words.empty : words.foundNone}
      />
    </Page>
  );
}

interface FilterProps {
  readonly filters: OrderFilters;
  readonly onFind: (filters: OrderFilters) => void;
}

function FilterForm({ filters, onFind }: FilterProps) {
  const words = orderWords.value;
  const [wanted, setWanted] = useState(filters);
  useEffect(() => setWanted(filters), [searchOf(filters)]);
  const set = (change: Partial<OrderFilters>): void => setWanted({ ...wanted, ...change });
  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onFind({ ...wanted, value: wanted.value.trim() });
      }}
    >
      <label class="field">
        {words.by}
        <select
          value={wanted.by}
          onChange={({ currentTarget: { value } }) => set({ by: value as SearchKind })}
        >
          {searchKinds.map((kind) => (
            <option key={kind} value={kind}>
              {words.bys[kind]}
            </option>
          ))}
        </select>
      </label>
      <label class="field grow">
        {words.value}
        <input
          type="search"
          name="value"
          value={wanted.value}
          onInput={({ currentTarget: { value } }) => set({ value, by: kindOf(value.trim(), wanted.by) })}
        />
      </label>
      <label class="field">
        {words.status}
        <select
          value={wanted.status}
          onChange={({ currentTarget: { value } }) => set({ status: value as OrderFilters['status'] })}
        >
          <option value="">{words.anyStatus}</option>
          <option value="COMPLETED">{words.statuses.COMPLETED}</option>
          <option value="CANCELLED">{words.statuses.CANCELLED}</option>
        </select>
      </label>
      <label class="field">
        {words.day}
        <input type="date" value={wanted.day} onInput={(event) => set({ day: event.currentTarget.value })} />
      </label>
      <button type="submit">{words.find}</button>
      {searchOf(filters) !== '' && (
        <a class="button plain" href={paths.orders}>
          {words.clear}
        </a>
      )}
    </form>
  );
}

function columns(): Column<AdminOrder>[] {
  const words = orderWords.value;
  return [
    {
      head: words.order,
      cell: ({ id, items: [first, ...rest] }) => (
        <a href={paths.order(id)}>
          {first?.name} × {count(first?.quantity ?? 0)} {rest.length > 0 && words.more(rest.length)}
        </a>
      ),
    },
    { head: words.status, cell: ({ status }) => <OrderStatusPill status={status} /> },
    {
      head: words.customer,
      cell: ({ customer: { id, email } }) => (
        <a class="address" href={paths.customer(id)}>
          {email}
        </a>
      ),
    },
    { head: words.total, isNumber: true, cell: ({ total }) => krw(total) },
    {
      head: words.arrived,
      isNumber: true,
      cell: ({ createdAt }) => <span class="quiet">{dateTime(createdAt)}</span>,
    },
  ];
}
