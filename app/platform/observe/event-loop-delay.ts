import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Sampling interval. Part of every measured delay. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/**
 * Watches the event loop. Each call of `delayP99Ms` returns the 99th percentile of its delay since the last
 * call, in ms.
 */
export function watchEventLoop(): { delayP99Ms: () => number; stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    delayP99Ms: () => {
      const p99Ms = histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, Math.round(p99Ms * 10) / 10);
    },
    stop: () => {
      histogram.disable();
    },
  };
}
