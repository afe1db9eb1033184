import { reportedMetrics } from './reported-metric.ts';

/** Of an alarm on metric math, an `Id` and either a `MetricStat` or the expression. */
interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Readonly<Record<string, unknown>> };
}

/**
 * What the metric-math alarm of a template would have compared with its threshold: its metrics of the app are
 * summed up over the process's log, the others, which AWS counts, are given by their id. Of the functions of
 * metric math it knows IF and FILL.
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
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the expression of our own template
  const evaluate = new Function(...names, `return ${expression}`) as (...args: unknown[]) => number;
  return evaluate(...Object.values(functions), ...Object.values(values));
}
