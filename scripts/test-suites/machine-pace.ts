import { availableParallelism, loadavg } from 'node:os';

/** Above this factor a limit could not tell a slow response from a hang. */
const PACE_MAX = 4;

/** Factor by which things may take longer right now: tasks per core over the last minute, 1 to 4. */
export function machinePace(): number {
  const tasksPerCore = (loadavg()[0] ?? 0) / availableParallelism();
  return Math.min(Math.max(tasksPerCore, 1), PACE_MAX);
}
