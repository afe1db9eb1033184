const WIDTH = 200;
const HEIGHT = 44;

/** The course of a figure, without axes: the figure beside it has the value. Unknown values are gaps. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const top = Math.max(1, ...known);
  const step = WIDTH / (values.length - 1);
  const points = values.flatMap((value, index) =>
    value === null
      ? []
      : [`${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 8)).toFixed(1)}`],
  );
  const [first = '0,0', last = '0,0'] = [points[0], points.at(-1)];
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polygon
        points={`${first.split(',')[0]},${HEIGHT} ${points.join(' ')} ${last.split(',')[0]},${HEIGHT}`}
      />
      <polyline points={points.join(' ')} />
    </svg>
  );
}
