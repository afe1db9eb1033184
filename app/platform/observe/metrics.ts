import { createDistribution, type Distribution } from './distribution.ts';

/** Limits of the format: values of one metric per line, and metrics per directive. */
const VALUES_MAX = 100;
const METRICS_MAX = 100;

export interface MetricsOptions<Name extends string> {
  readonly namespace: string;
  /** The metrics that this process reports, with their units. Other names are ignored. */
  readonly units: Readonly<Partial<Record<Name, string>>>;
  /** Dimensions of every metric of the process. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  readonly write: (line: string) => void;
}

export interface Metrics<Name extends string> {
  /** Returns a function that adds 1, or its argument, to a sum. The sum starts at 0 with every line. */
  counter(name: Name): (amount?: number) => void;
  /** Returns a function that records a whole number from 0 on. */
  distribution(name: Name): (value: number) => void;
  /** Calls `sample` for each line. Undefined and a failure leave the metric out of that line. */
  gauge(name: Name, sample: () => Promise<number | undefined>): void;
  /** Writes one line with everything since the last line. Never throws. */
  flush(): Promise<void>;
}

/**
 * Metrics in CloudWatch's embedded metric format: JSON lines on standard output, which the shipper of the log
 * turns into metrics, so that no order calls a service for them. A distribution is reported as at most 100
 * values, the limit of the format. They represent all recorded values: percentiles, maximum and average are
 * right, the number of samples is not.
 *
 * Not `aws-embedded-metrics` (4.2.1): it queries the metadata endpoints of EC2, ECS and Lambda for where it
 * runs, keeps every single value until it is flushed, and flushes by unit of work. The line is all that is
 * needed.
 *
 * Cost per order: a count 5 ns, a value of a distribution 28 ns (ten million calls on one core).
 */
export function createMetrics<Name extends string>(options: MetricsOptions<Name>): Metrics<Name> {
  const { namespace, units, dimensions, nowMs, write } = options;
  const names = Object.keys(units) as Name[];
  if (names.length > METRICS_MAX) throw new Error(`more than ${METRICS_MAX} metrics in one line`);
  const counts = new Map<Name, { sum: number }>();
  const distributions = new Map<Name, Distribution>();
  const gauges = new Map<Name, () => Promise<number | undefined>>();

  const valueOf = async (name: Name): Promise<number | number[] | undefined> => {
    const count = counts.get(name);
    if (count !== undefined) {
      const { sum } = count;
      count.sum = 0;
      return sum;
    }
    const distribution = distributions.get(name);
    if (distribution !== undefined) {
      const values = distribution.take(VALUES_MAX);
      return values.length === 0 ? undefined : values;
    }
    try {
      const value = await gauges.get(name)?.();
      return Number.isFinite(value) ? value : undefined;
    } catch {
      return undefined;
    }
  };

  return {
    counter: (name) => {
      if (units[name] === undefined) return ignore;
      const count = counts.get(name) ?? { sum: 0 };
      counts.set(name, count);
      return (amount = 1) => {
        count.sum += amount;
      };
    },
    distribution: (name) => {
      if (units[name] === undefined) return ignore;
      const distribution = distributions.get(name) ?? createDistribution();
      distributions.set(name, distribution);
      return distribution.record;
    },
    gauge: (name, sample) => {
      if (units[name] !== undefined) gauges.set(name, sample);
    },
    flush: async () => {
      const values = await Promise.all(names.map(async (name) => [name, await valueOf(name)] as const));
      const present = values.filter(([, value]) => value !== undefined);
      if (present.length === 0) return;
      const metrics = present.map(([name]) => ({ Name: name, Unit: units[name] }));
      write(
        JSON.stringify({
          _aws: {
            Timestamp: nowMs(),
            CloudWatchMetrics: [
              { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: metrics },
            ],
          },
          event: 'metrics',
          ...dimensions,
          ...Object.fromEntries(present),
        }),
      );
    },
  };
}

function ignore(): void {}
