import type { Answer } from '../../client/rowlock-client.ts';

export type DemoSale = NonNullable<Answer<'readDemoSale'>['sale']>;
export type DemoSaleLane = DemoSale['lanes'][number];

/** The state that the page shows: `silent` where the process of a sale no longer reports. */
export type ShownState = DemoSale['state'] | 'silent';

const SILENT_AFTER_MS = 15_000;
const MIN_AXIS_MS = 500;

export function shownState(sale: DemoSale, nowMs: number): ShownState {
  const isOpen = sale.state === 'waiting' || sale.state === 'running';
  return isOpen && nowMs - Date.parse(sale.updatedAt) > SILENT_AFTER_MS ? 'silent' : sale.state;
}

/**
 * The end of the time axis that all lanes share, in milliseconds: a little after the last unit that was sold.
 * Afterwards buyers are only refused.
 */
export function axisEnd(lanes: readonly DemoSaleLane[]): number {
  const ends = lanes.map(({ left }) => {
    const [, final] = left.at(-1) ?? [0, 0];
    return left.find(([, units]) => units === final)?.[0] ?? 0;
  });
  return Math.max(MIN_AXIS_MS, Math.max(...ends) * 1.1);
}

/** SVG points of the curve in a box of `width` and `height`. Each number holds until the next. */
export function curvePoints(
  left: DemoSaleLane['left'],
  { units, endMs, width, height }: { units: number; endMs: number; width: number; height: number },
): string {
  const x = (ms: number) => (Math.min(1, ms / endMs) * width).toFixed(1);
  const shown = left.filter(([ms], at) => ms <= endMs || (left[at - 1]?.[0] ?? 0) < endMs);
  const y = (count: number) => (height - (count / units) * height).toFixed(1);
  return shown
    .flatMap(([ms, count], at) => {
      const before = shown[at - 1];
      return before === undefined
        ? [`${x(ms)},${y(count)}`]
        : [`${x(ms)},${y(before[1])}`, `${x(ms)},${y(count)}`];
    })
    .join(' ');
}

/** Orders refused, by their problem code, the most frequent first. */
export function refusals(lane: DemoSaleLane): readonly (readonly [code: string, count: number])[] {
  return Object.entries(lane.byCode)
    .filter(([code]) => code !== 'placed')
    .toSorted(([, a], [, b]) => b - a);
}
