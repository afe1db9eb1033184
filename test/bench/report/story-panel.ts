import type { RatioRow } from '../ratio-table.ts';
import { bar, type Panel, text, theme, verticalLine, whisker } from './svg-shapes.ts';

const LABEL_WIDTH = 330;
const VALUE_WIDTH = 80;
const BAR_HEIGHT = 20;
const ROW_HEIGHT = 32;
const HEAD_HEIGHT = 52;

/**
 * Shows how many times as many orders Rowlock sells as the naive server, for each row with a `story`;
 * undefined if none was measured.
 */
export function storyPanel(rows: readonly RatioRow[], width: number): Panel | undefined {
  const shown = rows.flatMap(({ story, median, min = 0, max = 0 }) =>
    story === undefined || median === undefined ? [] : [{ story, median, min, max }],
  );
  if (shown.length === 0) return undefined;
  const most = Math.max(...shown.map(({ max }) => max));
  const x = (ratio: number) => LABEL_WIDTH + (ratio / most) * (width - LABEL_WIDTH - VALUE_WIDTH);
  const height = HEAD_HEIGHT + shown.length * ROW_HEIGHT;
  const shapes = [
    text(0, 14, 'Times the orders of one transaction a request', { size: 15, weight: 600 }),
    text(
      0,
      34,
      'same schema, sessions, checks, log and durability; the naive server has the pool that suits it',
      {
        size: 12,
        fill: theme.quiet,
      },
    ),
  ];
  for (const [index, { story, median, min, max }] of shown.entries()) {
    const y = HEAD_HEIGHT + index * ROW_HEIGHT;
    shapes.push(
      text(LABEL_WIDTH - 12, y + 15, story, { anchor: 'end' }),
      bar(LABEL_WIDTH, y, x(median) - LABEL_WIDTH, BAR_HEIGHT, theme.main),
      ...(min === max ? [] : [whisker(x(min), x(max), y + BAR_HEIGHT / 2)]),
      text(x(Math.max(median, max)) + 10, y + 16, `${median.toFixed(median < 10 ? 1 : 0)}×`, {
        size: 16,
        weight: 600,
      }),
    );
  }
  // The naive server itself.
  shapes.push(verticalLine(x(1), HEAD_HEIGHT - 4, height, theme.ink));
  return { body: shapes.join(''), height };
}
