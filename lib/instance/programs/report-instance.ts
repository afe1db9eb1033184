import { readFileSync, statfsSync } from 'node:fs';
import { instanceMetricDimensions, instanceMetrics } from '../instance-metrics.ts';
import { metricsNamespace } from '../../../app/contract/shop-metrics.ts';
import { eventLine } from './event-line.ts';

const EVERY_MS = 60_000;

/**
 * Writes disk and memory usage in CloudWatch's embedded metric format, at once and then every minute. Stage
 * and fleet come from the name of the log group, `/rowlock/STAGE/FLEET`.
 */
export function reportInstance(logGroup: string): void {
  const [, , stage, fleet] = logGroup.split('/');
  const [stageName, fleetName] = instanceMetricDimensions;
  const report = () => {
    eventLine('instance_metrics', {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: metricsNamespace,
            Dimensions: [instanceMetricDimensions],
            Metrics: Object.entries(instanceMetrics).map(([Name, Unit]) => ({ Name, Unit })),
          },
        ],
      },
      [stageName]: stage,
      [fleetName]: fleet,
      DiskUsed: diskUsedPercent(),
      MemoryUsed: memoryUsedPercent(),
    });
  };
  report();
  setInterval(report, EVERY_MS).unref();
}

/** Same as df: space that is reserved for root counts as used. */
function diskUsedPercent(): number {
  const { blocks, bfree, bavail } = statfsSync('/');
  const used = blocks - bfree;
  return Math.ceil((100 * used) / Math.max(1, used + bavail));
}

function memoryUsedPercent(): number {
  const meminfo = readFileSync('/proc/meminfo', 'utf8');
  const kb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1]);
  return Math.round(100 * (1 - kb('MemAvailable') / kb('MemTotal')));
}
