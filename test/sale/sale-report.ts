import type { SaleFigures } from './sale-outcome.ts';

const NAME_WIDTH = 26;
const VALUE_WIDTH = 16;

/** The report of a sale, one column a seller. */
export function saleReport(sales: readonly SaleFigures[]): string[] {
  const codes = [...new Set(sales.flatMap(({ refusals }) => Object.keys(refusals)))].toSorted();
  const row = (name: string, value: (sale: SaleFigures) => string) =>
    [name.padEnd(NAME_WIDTH), ...sales.map((sale) => value(sale).padStart(VALUE_WIDTH))].join('');
  return [
    row('', ({ seller }) => seller),
    row('sold', ({ placed, units }) => `${whole(placed)} of ${whole(units)}`),
    row('oversold', ({ oversold }) => whole(oversold)),
    row('recorded but not told', ({ untold }) => (untold === undefined ? 'not known' : whole(untold))),
    row('sold out after', ({ soldOutAfterMs }) =>
      soldOutAfterMs === undefined ? 'not sold out' : seconds(soldOutAfterMs),
    ),
    row('orders placed per second', ({ placedPerS }) => whole(placedPerS)),
    row('answers per second', ({ answersPerS }) => whole(answersPerS)),
    row('p99 of placed orders', ({ placedP99Ms }) => `${whole(placedP99Ms)} ms`),
    row('p99 of all answers', ({ allP99Ms }) => `${whole(allP99Ms)} ms`),
    ...codes.map((code) => row(`refused: ${code}`, ({ refusals }) => whole(refusals[code] ?? 0))),
    row('tries repeated after 503', ({ retries }) => whole(retries)),
    row('every buyer answered after', ({ durationMs }) => seconds(durationMs)),
  ];
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
