import { reportedMetrics } from './reported-metric.ts';

/** A query of an alarm on metric math: an `Id` and either a `MetricStat` or the expression. */
interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Readonly<Record<string, unknown>> };
}

/**
 * The value that a template's metric-math alarm would compare with its threshold. The app's own metrics are
 * summed up over the process's log. Metrics that AWS counts are given by their id. Supports the functions IF
 * and FILL of metric math.
 */
export function evaluateAlarm(
  alarm: Readonly<Record<string, unknown>>,
  log: string,
  countedByAws: Readonly<Record<string, number | undefined>>,
): number {
  const queries = alarm['Metrics'] as readonly MetricDataQuery[];
  const expression = queries.find(({ Expression }) => Expression !== undefined)?.Expression;
  if (expression === undefined) throw new Error('the alarm has no expression');
  const values = Object.fromEntries(
    queries
      .filter(({ MetricStat }) => MetricStat !== undefined)
      .map(({ Id, MetricStat }): [string, number | undefined] => {
        if (Id in countedByAws) return [Id, countedByAws[Id]];
        const reported = reportedMetrics(log, MetricStat?.Metric ?? {});
        return [Id, reported.length === 0 ? undefined : reported.reduce((sum, value) => sum + value, 0)];
      }),
  );
  const functions = {
    IF: (condition: boolean, yes: number, no: number) => (condition ? yes : no),
    FILL: (value: number | undefined, otherwise: number) => value ?? otherwise,
  };
  const names = [...Object.keys(functions), ...Object.keys(values)];
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- from our own template
  const evaluate = new Function(...names, `return ${expression}`) as (...args: unknown[]) => number;
  return evaluate(...Object.values(functions), ...Object.values(values));
}
