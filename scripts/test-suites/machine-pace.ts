import { availableParallelism, loadavg } from 'node:os';

/** Beyond this a limit would no longer tell an answer from a hang. */
const PACE_MAX = 4;

/** How many times longer a thing may take at this moment: the number of tasks that have shared each core in the last minute, 1 to 4. */
export function machinePace(): number {
  const tasksPerCore = (loadavg()[0] ?? 0) / availableParallelism();
  return Math.min(Math.max(tasksPerCore, 1), PACE_MAX);
}
