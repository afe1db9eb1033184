import { readFileSync } from 'node:fs';

/** CPU time that processes have used, user and system, all threads; undefined where /proc does not tell. */
export function cpuTimeMs(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => sum + ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) * TICK_MS, 0);
  } catch {
    return undefined;
  }
}

/** USER_HZ is 100 on every Linux that Node runs on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10;

/** utime and stime, the 14th and 15th field; the name in parentheses before them may contain blanks. */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
