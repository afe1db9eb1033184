/**
 * Metrics of an instance, which its log shipper reports once per minute with the dimensions Stage and Fleet.
 */
export const instanceMetrics = {
  /** Used space of the root volume. */
  DiskUsed: 'Percent',
  /** Memory that is not available without swapping. */
  MemoryUsed: 'Percent',
} as const;

export type InstanceMetricName = keyof typeof instanceMetrics;

export const instanceMetricDimensions = ['Stage', 'Fleet'] as const;

export const instanceLogGroup = (stage: string, fleet: string): string => `/rowlock/${stage}/${fleet}`;
