/** The last value of `reportedMetrics`. */
export function reportedMetric(log: string, metric: Readonly<Record<string, unknown>>): number | undefined {
  return reportedMetrics(log, metric).at(-1);
}

/**
 * The values that CloudWatch would extract from a process's log for an alarm's metric: namespace, name and
 * all dimensions of the metric must be those of the line.
 */
export function reportedMetrics(
  log: string,
  { Namespace, MetricName, Dimensions }: Readonly<Record<string, unknown>>,
): number[] {
  const dimensions = Dimensions as readonly { Name: string; Value: string }[];
  return log
    .split('\n')
    .filter((line) => line.includes('"_aws"') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => JSON.stringify(line['_aws']).includes(`"Namespace":"${String(Namespace)}"`))
    .filter((line) => dimensions.every(({ Name, Value }) => line[Name] === Value))
    .map((line) => line[String(MetricName)] as number | undefined)
    .filter((value) => value !== undefined);
}
