import type { ComponentChildren } from 'preact';
import { Skeleton } from './view.tsx';

export interface Column<Item> {
  readonly head: string;
  readonly cell: (item: Item) => ComponentChildren;
  /** Figures align at their last digit. */
  readonly isNumber?: boolean;
}

export interface DataTableProps<Item> {
  /** Names the table for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
}

/** Columns that fit on half a screen. */
const SHORT_MAX = 4;

/**
 * A table that is a list of cards on a phone: each cell then shows its column's name. Roles are written out,
 * because a table that is laid out as blocks loses its own.
 */
export function DataTable<Item>({ caption, columns, items, keyOf }: DataTableProps<Item>) {
  return (
    <div class={columns.length > SHORT_MAX ? 'tabled wide' : 'tabled'}>
      <table class="data" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <Heads columns={columns} />
        <tbody role="rowgroup">
          {items.map((item) => (
            <tr role="row" key={keyOf(item)}>
              {columns.map(({ head, cell, isNumber }, index) => (
                <td role="cell" key={index} data-label={head} class={isNumber ? 'num right' : undefined}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Heads<Item>({ columns }: { columns: readonly Column<Item>[] }) {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ head, isNumber }, index) => (
          <th role="columnheader" scope="col" key={index} class={isNumber ? 'right' : undefined}>
            {head}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** The same table while its rows are on their way. */
export function TableSkeleton({ columns, rows = 8 }: { columns: readonly Column<never>[]; rows?: number }) {
  return (
    <div class={columns.length > SHORT_MAX ? 'tabled wide' : 'tabled'}>
      <table class="data" role="presentation">
        <Heads columns={columns} />
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {columns.map((_column, index) => (
                <td key={index}>
                  <Skeleton />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
