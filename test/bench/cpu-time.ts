import { readFileSync } from 'node:fs';

/** CPU time of the processes: user and system, all threads; undefined without /proc. */
export function cpuTimeMs(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => sum + ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) * TICK_MS, 0);
  } catch {
    return undefined;
  }
}

/** USER_HZ is 100 on every Linux that Node runs on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10;

/**
 * Sum of utime and stime, fields 14 and 15. The process name in parentheses before them may contain blanks.
 */
export function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** CPU time of the whole machine; undefined without /proc. */
export function machineCpuTimeMs(): number | undefined {
  try {
    return busyTicksOf(readFileSync('/proc/stat', 'utf8')) * TICK_MS;
  } catch {
    return undefined;
  }
}

/** Sum of all fields except idle and iowait over all cores: the first line of /proc/stat (proc(5)). */
export function busyTicksOf(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}
