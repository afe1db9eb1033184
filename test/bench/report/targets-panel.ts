import type { RatioRow } from '../ratio-table.ts';
import { bar, type Panel, text, theme, verticalLine, whisker } from './svg-shapes.ts';

const LABEL_WIDTH = 510;
const VALUE_WIDTH = 110;
const BAR_HEIGHT = 12;
const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 46;
/** Bars end at twice the target. */
const SHARE_MAX = 2;

/** Shows each ratio relative to its target and omits rows without one; undefined if no row has one. */
export function targetsPanel(rows: readonly RatioRow[], width: number): Panel | undefined {
  const shown = rows.flatMap((row) =>
    row.target === undefined || row.median === undefined
      ? []
      : [{ ...row, target: row.target, median: row.median }],
  );
  if (shown.length === 0) return undefined;
  const plotWidth = width - LABEL_WIDTH - VALUE_WIDTH;
  const x = (share: number) => LABEL_WIDTH + (Math.min(share, SHARE_MAX) / SHARE_MAX) * plotWidth;
  const height = HEAD_HEIGHT + shown.length * ROW_HEIGHT;

  const shapes = [
    text(0, 14, 'Ratios against their targets', { size: 15, weight: 600 }),
    text(x(1), HEAD_HEIGHT - 12, 'target', { size: 12, fill: theme.quiet, anchor: 'middle' }),
    verticalLine(LABEL_WIDTH, HEAD_HEIGHT - 6, height, theme.line),
  ];
  for (const [index, { title, target, median, min = median, max = median, isReached }] of shown.entries()) {
    const y = HEAD_HEIGHT + index * ROW_HEIGHT;
    shapes.push(
      text(LABEL_WIDTH - 12, y + 10, title, { anchor: 'end', size: 12 }),
      bar(
        LABEL_WIDTH,
        y,
        x(median / target) - LABEL_WIDTH,
        BAR_HEIGHT,
        isReached === true ? theme.main : theme.short,
      ),
      ...(min === max ? [] : [whisker(x(min / target), x(max / target), y + BAR_HEIGHT / 2)]),
      text(width, y + 10, `${times(median)} of ${target}×`, { anchor: 'end', size: 12.5 }),
    );
  }
  shapes.push(verticalLine(x(1), HEAD_HEIGHT - 6, height, theme.ink));
  return { body: shapes.join(''), height };
}

function times(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)}×`;
}
