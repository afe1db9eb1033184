import type { Log } from '../../platform/observe/log.ts';

const INTERVAL_MS = 1000;

/**
 * Returns a function that counts one rejected request. The log gets one line per second with their number, so
 * that a flood of them neither fills it nor passes unseen.
 */
export function countToLog(log: Log, event: string, fields: Readonly<Record<string, string>>): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > 1) return;
    setTimeout(() => {
      log.warn(event, { ...fields, count });
      count = 0;
    }, INTERVAL_MS).unref();
  };
}
