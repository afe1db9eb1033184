import { useEffect, useRef } from 'preact/hooks';
import { theme } from '../../shared/theme.ts';
import type { DrawnChart } from './uplot-chart.ts';

export interface Series {
  readonly name: string;
  /** Names the colour in the sheet. */
  readonly tone: 'accent' | 'clay' | 'bad';
  /** Fills the area below. */
  readonly isFilled?: boolean;
  /** Draws steps, for counts that stay until they change. */
  readonly isStepped?: boolean;
}

export interface LiveChartProps {
  /** What the chart shows, with its newest figures: all that a screen reader hears of it. */
  readonly label: string;
  readonly series: readonly Series[];
  /** UNIX seconds, ascending. */
  readonly times: readonly number[];
  /** Values of each series at each time; null where unknown. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly height?: number;
  /** Largest value of the axis; as the data needs by default. */
  readonly max?: number | undefined;
}

/** A chart over time. Its library loads where the first one is shown; the place has its size before. */
export function LiveChart({ label, series, times, values, height = 220, max }: LiveChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const chart = useRef<DrawnChart | undefined>(undefined);
  const data = [times, ...values];
  const latest = useRef(data);
  latest.current = data;
  const shape = `${theme.value} ${height} ${max} ${series.map(({ name, tone }) => name + tone).join()}`;

  useEffect(() => {
    let hasEnded = false;
    const draw = async (): Promise<void> => {
      const { drawChart } = await import('./uplot-chart.ts');
      if (hasEnded || place.current === null || legend.current === null) return;
      const colours = coloursOf(legend.current);
      chart.current = drawChart({ place: place.current, series, colours, height, max });
      chart.current.show(latest.current);
    };
    // If the library is missing, the figures beside the chart remain.
    draw().catch(() => undefined);
    return () => {
      hasEnded = true;
      chart.current?.close();
      chart.current = undefined;
    };
  }, [shape]);
  useEffect(() => chart.current?.show(data), [times, values]);

  return (
    <figure class="chart">
      <div class="row legend" ref={legend}>
        {series.map(({ name, tone }) => (
          <span key={name} class="key">
            <i class={`swatch ${tone}`} />
            {name}
          </span>
        ))}
        <i class="swatch line" hidden />
        <i class="swatch quiet-ink" hidden />
      </div>
      <div ref={place} class={`plot h${height}`} role="img" aria-label={label} />
    </figure>
  );
}

/** Colours of the sheet as the canvas needs them; `light-dark()` is resolved only where it is used. */
function coloursOf(legend: HTMLElement): ReadonlyMap<string, string> {
  return new Map(
    [...legend.querySelectorAll('.swatch')].map((swatch) => [
      swatch.classList.item(1) ?? '',
      getComputedStyle(swatch).backgroundColor,
    ]),
  );
}
