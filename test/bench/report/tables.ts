import type { CellResult } from '../cell-result.ts';
import { medianOf, type RatioRow } from '../ratio-table.ts';

export type TableFormat = 'text' | 'markdown';

/** Target and result of every ratio. */
export function ratiosTable(rows: readonly RatioRow[], format: TableFormat): string {
  return table(
    ['ratio', 'at least', 'median', 'min', 'max', 'rounds', ''],
    rows.map(({ title, target, median, min, max, ratios, isReached }) => [
      title,
      target === undefined ? '' : `${target}×`,
      times(median),
      times(min),
      times(max),
      String(ratios.length),
      isReached === undefined ? '' : isReached ? 'reached' : 'short',
    ]),
    format,
  );
}

/** Medians of the measurements over the rounds. */
export function figuresTable(results: readonly CellResult[], format: TableFormat): string {
  const byCell = Map.groupBy(results, ({ cell }) => cell);
  return table(
    [
      'measured',
      'a second',
      'min',
      'max',
      'p50 ms',
      'p99 ms',
      'CPU app µs',
      'CPU database µs',
      'a second per core',
      'events per message',
    ],
    [...byCell].map(([cell, own]) => {
      const rates = own.map(({ ratePerS }) => ratePerS);
      const median = (of: (result: CellResult) => number | undefined, digits: number) => {
        const value = medianOf(own.flatMap((result) => of(result) ?? []));
        return value === undefined ? 'n/a' : value.toFixed(digits);
      };
      return [
        cell,
        median((result) => result.ratePerS, 0),
        Math.min(...rates).toFixed(0),
        Math.max(...rates).toFixed(0),
        median((result) => result.latencyMs?.p50, 1),
        median((result) => result.latencyMs?.p99, 1),
        median((result) => result.cpuUs?.application, 0),
        median((result) => result.cpuUs?.database, 0),
        median(ratePerCore, 0),
        median((result) => result.eventsPerMessage, 1),
      ];
    }),
    format,
  );
}

/** What one core of all servers together would serve, without load and delayed network. */
function ratePerCore({ cpuUs }: CellResult): number | undefined {
  if (cpuUs === undefined) return undefined;
  const { application, database, redis, queue } = cpuUs;
  return 1_000_000 / (application + database + redis + queue);
}

function times(value: number | undefined): string {
  if (value === undefined) return 'n/a';
  return `${value.toFixed(value < 10 ? 2 : 1)}×`;
}

/** Aligns the first column to the left and all others to the right. */
function table(head: readonly string[], body: readonly string[][], format: TableFormat): string {
  if (format === 'markdown') {
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    return [
      line(head),
      line(head.map((_, column) => (column === 0 ? '---' : '---:'))),
      ...body.map(line),
    ].join('\n');
  }
  const widths = head.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...body.map(line)].join('\n');
}
