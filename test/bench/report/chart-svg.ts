import type { CellResult } from '../cell-result.ts';
import type { RatioRow } from '../ratio-table.ts';
import { ratesPanel } from './rates-panel.ts';
import { storyPanel } from './story-panel.ts';
import { type Panel, text, theme } from './svg-shapes.ts';
import { targetsPanel } from './targets-panel.ts';

const WIDTH = 960;
const MARGIN = 40;
const HEAD_HEIGHT = 84;
const GAP = 36;

export interface ChartOptions {
  readonly rows: readonly RatioRow[];
  readonly results: readonly CellResult[];
  /** Machine, versions and date, on one line. */
  readonly subtitle: string;
}

/**
 * Draws a chart of the run: how much faster than the naive server, orders per second of both, and every ratio
 * against its target. Uses no scripts and no embedded fonts.
 */
export function chartSvg({ rows, results, subtitle }: ChartOptions): string {
  const inner = WIDTH - 2 * MARGIN;
  const panels = [storyPanel(rows, inner), ratesPanel(results, inner), targetsPanel(rows, inner)].filter(
    (panel): panel is Panel => panel !== undefined,
  );
  let top = HEAD_HEIGHT;
  const placed = panels.map(({ body, height }) => {
    const group = `<g transform="translate(${MARGIN} ${top})">${body}</g>`;
    top += height + GAP;
    return group;
  });
  const height = top + MARGIN - GAP;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
      `viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" ` +
      'role="img" aria-label="Benchmark of the order path">',
    `<rect width="100%" height="100%" fill="${theme.paper}"/>`,
    text(MARGIN, 42, 'Rowlock: the order path', { size: 21, weight: 600 }),
    text(MARGIN, 64, subtitle, { size: 12.5, fill: theme.quiet }),
    ...placed,
    '</svg>',
    '',
  ].join('\n');
}
