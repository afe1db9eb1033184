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

/** CPU time that the whole machine has used; undefined where /proc does not tell. */
export function machineCpuTimeMs(): number | undefined {
  try {
    return busyTicksOf(readFileSync('/proc/stat', 'utf8')) * TICK_MS;
  } catch {
    return undefined;
  }
}

/** All but idle and iowait, of all cores: the first line of /proc/stat (proc(5)). */
export function busyTicksOf(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}
