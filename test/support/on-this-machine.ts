import { availableParallelism, loadavg } from 'node:os';

/** Beyond this a limit would no longer tell an answer from a hang. */
const FACTOR_MAX = 4;

/**
 * A limit in milliseconds, as it applies at this moment: longer by the number of tasks that have shared each core in the
 * last minute, at most four times as long. The limits of tests are those of a machine that does nothing else.
 */
export function onThisMachine(limitMs: number): number {
  const tasksPerCore = (loadavg()[0] ?? 0) / availableParallelism();
  return limitMs * Math.min(Math.max(tasksPerCore, 1), FACTOR_MAX);
}
