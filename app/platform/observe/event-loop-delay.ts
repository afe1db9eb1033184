import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop is looked at; part of every interval that is measured. */
const RESOLUTION_MS = 20;
const NS_A_MS = 1e6;

/** Watches the event loop from now on. Each call returns the 99th percentile of its delay since the last one, in ms. */
export function watchEventLoop(): { delayP99Ms: () => number; stop: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    delayP99Ms: () => {
      const p99Ms = histogram.percentile(99) / NS_A_MS - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, Math.round(p99Ms * 10) / 10);
    },
    stop: () => {
      histogram.disable();
    },
  };
}
