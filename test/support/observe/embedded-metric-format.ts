import { Ajv } from 'ajv';

const sizes = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'];
const bits = ['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'];
const rates = [...sizes, ...bits, 'Count'].map((unit) => `${unit}/Second`);
/** MetricDatum's units. */
const units = [
  'Seconds',
  'Microseconds',
  'Milliseconds',
  ...sizes,
  ...bits,
  'Percent',
  'Count',
  ...rates,
  'None',
];

/**
 * The JSON Schema of the embedded metric format, as its specification gives it (CloudWatch user guide,
 * "Specification: Embedded metric format"), with today's limit of 30 dimensions.
 */
const schema = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      properties: {
        Timestamp: { type: 'integer' },
        CloudWatchMetrics: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            properties: {
              Namespace: { type: 'string', minLength: 1, maxLength: 1024 },
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'array',
                  minItems: 1,
                  maxItems: 30,
                  items: { type: 'string', minLength: 1, maxLength: 250 },
                },
              },
              Metrics: {
                type: 'array',
                minItems: 1,
                maxItems: 100,
                items: {
                  type: 'object',
                  required: ['Name'],
                  additionalProperties: false,
                  properties: {
                    Name: { type: 'string', minLength: 1, maxLength: 1024 },
                    Unit: {
                      enum: units,
                    },
                    StorageResolution: { enum: [1, 60] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

const EVENT_MAX_BYTES = 1024 * 1024;
const VALUES_MAX = 100;
const isValid = new Ajv({ allErrors: true }).compile(schema);

export interface MetricLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** Deviations of a line of metrics from the specification, its prose included; empty if there is none. */
export function formatFaults(line: string): string[] {
  const faults: string[] = [];
  if (Buffer.byteLength(line) > EVENT_MAX_BYTES) faults.push('larger than an event may be');
  if (line.includes('\n')) faults.push('more than one line');
  const parsed = JSON.parse(line) as MetricLine;
  if (!isValid(parsed))
    return [...faults, ...(isValid.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)];
  for (const { Dimensions, Metrics } of parsed._aws.CloudWatchMetrics) {
    // Targets are members at the top: of dimensions strings, of metrics numbers or up to 100 of them.
    for (const name of Dimensions.flat()) {
      const value = parsed[name];
      if (typeof value !== 'string' || value === '' || value.length > 1024)
        faults.push(`dimension ${name}: ${JSON.stringify(value)}`);
    }
    for (const { Name } of Metrics) {
      const value = parsed[Name];
      const values: unknown[] = Array.isArray(value) ? value : [value];
      if (values.length === 0 || values.length > VALUES_MAX)
        faults.push(`${values.length} values of ${Name}`);
      if (!values.every((each) => Number.isFinite(each)))
        faults.push(`metric ${Name}: ${JSON.stringify(value)}`);
    }
    if (new Set(Metrics.map(({ Name }) => Name)).size < Metrics.length) faults.push('a metric twice');
  }
  return faults;
}
