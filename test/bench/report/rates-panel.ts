import type { CellResult } from '../cell-result.ts';
import { medianOf } from '../ratio-table.ts';
import { bar, type Panel, text, theme, verticalLine, whisker } from './svg-shapes.ts';

const LABEL_WIDTH = 230;
const VALUE_WIDTH = 70;
const BAR_HEIGHT = 13;
const PAIR_HEIGHT = 44;
const HEAD_HEIGHT = 46;

const loads = [
  ['hot product, 64 connections', 'hot 64'],
  ['hot product, 256 connections', 'hot 256'],
  ['Zipf, 64 connections', 'zipf 64'],
  ['Zipf, 256 connections', 'zipf 256'],
  ['uniform, 64 connections', 'uniform 64'],
  ['uniform, 256 connections', 'uniform 256'],
  ['hot product, 64, network as on AWS', 'hot 64 delayed'],
  ['hot product, 256, network as on AWS', 'hot 256 delayed'],
  ['uniform, 64, network as on AWS', 'uniform 64 delayed'],
  ['hot product, 64, commits of 3 ms', 'hot 64 slow commit'],
  ['uniform, 64, commits of 3 ms', 'uniform 64 slow commit'],
  ['hot product, 64 connections, MySQL', 'hot 64 on MySQL'],
  ['uniform, 64 connections, MySQL', 'uniform 64 on MySQL'],
] as const;

const servers = [
  ['rowlock', 'Rowlock', theme.main],
  ['naive', 'one transaction a request', theme.other],
] as const;

/** Orders per second of Rowlock and of the naive server; undefined if neither was measured. */
export function ratesPanel(results: readonly CellResult[], width: number): Panel | undefined {
  const ratesOf = (cell: string) =>
    results.filter((result) => result.cell === cell).map(({ ratePerS }) => ratePerS);
  const pairs = loads
    .map(([title, suffix]) => ({
      title,
      bars: servers.map(([name, , fill]) => ({ fill, rates: ratesOf(`${name} ${suffix}`) })),
    }))
    .filter(({ bars }) => bars.some(({ rates }) => rates.length > 0));
  if (pairs.length === 0) return undefined;
  const most = Math.max(...pairs.flatMap(({ bars }) => bars.flatMap(({ rates }) => rates)));
  const plotWidth = width - LABEL_WIDTH - VALUE_WIDTH;
  const x = (rate: number) => LABEL_WIDTH + (rate / most) * plotWidth;
  const height = HEAD_HEIGHT + pairs.length * PAIR_HEIGHT;

  const shapes = [
    text(0, 14, 'Orders a second', { size: 15, weight: 600 }),
    ...legend(),
    verticalLine(LABEL_WIDTH, HEAD_HEIGHT - 8, height, theme.line),
  ];
  for (const [index, { title, bars }] of pairs.entries()) {
    const top = HEAD_HEIGHT + index * PAIR_HEIGHT;
    shapes.push(text(LABEL_WIDTH - 12, top + 18, title, { anchor: 'end' }));
    for (const [place, { rates, fill }] of bars.entries()) {
      const median = medianOf(rates);
      if (median === undefined) continue;
      const y = top + place * (BAR_HEIGHT + 2);
      const [least, greatest] = [Math.min(...rates), Math.max(...rates)];
      shapes.push(bar(LABEL_WIDTH, y, x(median) - LABEL_WIDTH, BAR_HEIGHT, fill));
      if (rates.length > 1) shapes.push(whisker(x(least), x(greatest), y + BAR_HEIGHT / 2));
      shapes.push(
        text(x(Math.max(median, greatest)) + 8, y + 11, Math.round(median).toLocaleString('en'), {
          size: 12,
        }),
      );
    }
  }
  return { body: shapes.join(''), height };
}

function legend(): string[] {
  return servers.flatMap(([, title, fill], index) => {
    const x = LABEL_WIDTH + index * 110;
    return [bar(x, 4, 11, 11, fill), text(x + 17, 14, title, { size: 12, fill: theme.quiet })];
  });
}
