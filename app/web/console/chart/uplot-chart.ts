/** The one file that loads uPlot, so that it is a script of its own. */
import Plot from 'uplot';
import { language } from '../../shared/language.ts';
import type { Series } from './live-chart.tsx';

export interface DrawnChart {
  /** Times and values, as LiveChart has them. */
  show(data: readonly (readonly (number | null)[])[]): void;
  close(): void;
}

export interface DrawOptions {
  readonly place: HTMLElement;
  readonly series: readonly Series[];
  readonly colours: ReadonlyMap<string, string>;
  readonly height: number;
  readonly max: number | undefined;
}

/** A chart that has just begun shows a minute, most of it empty. */
const SPAN_MIN_S = 60;
/** Orders and units are counted in whole numbers. */
const wholeSteps = Array.from({ length: 8 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();
const FONT = '12px system-ui, sans-serif';

export function drawChart({ place, series, colours, height, max }: DrawOptions): DrawnChart {
  const colour = (name: string) => colours.get(name) ?? 'gray';
  const stepped = Plot.paths.stepped?.({ align: 1 });
  const axis: Plot.Axis = {
    stroke: colour('quiet-ink'),
    font: FONT,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  const locale = language.peek() === 'ko' ? 'ko-KR' : 'en-GB';
  const clock = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
  const figure = new Intl.NumberFormat(locale, { notation: 'compact' });
  const plot = new Plot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_plot, min, end) => [min, Math.max(end, min + SPAN_MIN_S)] },
        y: { range: (_plot, _min, top) => [0, max ?? Math.max(1, top * 1.1)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          values: (_plot, at) => at.map((s) => clock.format(s * 1000)),
          space: 90,
          size: 28,
        },
        {
          ...axis,
          values: (_plot, at) => at.map((value) => figure.format(value)),
          size: 44,
          incrs: wholeSteps,
        },
      ],
      series: [
        {},
        ...series.map(({ name, tone, isFilled, isStepped }) => ({
          label: name,
          stroke: colour(tone),
          width: 2,
          ...(isFilled && { fill: withAlpha(colour(tone)) }),
          ...(isStepped && stepped && { paths: stepped }),
          points: { show: false },
        })),
      ],
    },
    [[], ...series.map(() => [])],
    place,
  );
  const observer = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height }));
  observer.observe(place);
  return {
    show: ([times = [], ...values]) => {
      // uPlot shows a thousand days for a single time, and 1970 for none.
      const first = times[0] ?? Date.now() / 1000;
      const isShort = times.length < 2;
      const course = isShort
        ? [[first, first + 1], ...values.map(([value = null]) => [value, null])]
        : undefined;
      plot.setData((course ?? [times, ...values]).map((each) => [...each]) as Plot.AlignedData);
    },
    close() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** `rgb(1, 2, 3)` at a tenth of its strength. */
function withAlpha(rgb: string): string {
  return rgb.replace(/^rgb\((.+)\)$/, 'rgba($1, 0.12)');
}
