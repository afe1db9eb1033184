import type { RowDefinition } from './bench-rows.ts';
import type { CellResult } from './cell-result.ts';

export interface RatioRow {
  readonly title: string;
  /** Label in the first part of the chart, if the row has one. */
  readonly story?: string;
  readonly target: number | undefined;
  /** One ratio per round in which both sides were measured. */
  readonly ratios: readonly number[];
  readonly median: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Undefined without a target or a figure. */
  readonly isReached: boolean | undefined;
}

/** Each ratio compares two measurements of the same round; a row shows the median over the rounds. */
export function ratioTable(rows: readonly RowDefinition[], results: readonly CellResult[]): RatioRow[] {
  const byKey = new Map(results.map((result) => [`${result.round} ${result.cell}`, result]));
  const rounds = [...new Set(results.map(({ round }) => round))].toSorted((a, b) => a - b);
  return rows.map(({ title, story, target, cells: [above, below], of }) => {
    const ratios = rounds.flatMap((round) => {
      const dividend = byKey.get(`${round} ${above}`);
      const divisor = byKey.get(`${round} ${below}`);
      if (dividend === undefined || divisor === undefined) return [];
      const [over, under] = [of(dividend), of(divisor)];
      return over === undefined || under === undefined || under === 0 ? [] : [over / under];
    });
    const median = medianOf(ratios);
    return {
      title,
      ...(story === undefined ? {} : { story }),
      target,
      ratios,
      median,
      min: ratios.length === 0 ? undefined : Math.min(...ratios),
      max: ratios.length === 0 ? undefined : Math.max(...ratios),
      isReached: target === undefined || median === undefined ? undefined : median >= target,
    };
  });
}

/** Median; the mean of the two middle values of an even number; undefined for an empty list. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
