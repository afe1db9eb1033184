import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A tenth of the weight of others. */
const NICENESS = 10;

/**
 * Lowers the priority of the process from now on: it stands for a service that really runs elsewhere, beside
 * a process that is being measured. Permanent: a process without privileges cannot raise a priority again.
 */
export function giveWay(pid: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, NICENESS);
    } catch {
      // The process has ended meanwhile.
    }
  }
}

/** Linux keeps a priority per thread, other systems per process. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
