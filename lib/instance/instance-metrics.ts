/** What the log shipper reports of its instance, once a minute, with the dimensions Stage and Fleet. */
export const instanceMetrics = {
  /** Of the root volume. */
  DiskUsed: 'Percent',
  /** What is not available without swapping. */
  MemoryUsed: 'Percent',
} as const;

export type InstanceMetricName = keyof typeof instanceMetrics;

export const instanceMetricDimensions = ['Stage', 'Fleet'] as const;

export const instanceLogGroup = (stage: string, fleet: string): string => `/rowlock/${stage}/${fleet}`;
