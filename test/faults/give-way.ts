import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A tenth of the weight of others. */
const NICENESS = 10;

/**
 * From now on the process leaves the processor to others that want it: it stands for a service that in truth
 * runs elsewhere, beside something that is being measured. For good: without privileges nobody takes a
 * priority back.
 */
export function giveWay(pid: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, NICENESS);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Linux keeps a priority for each thread, other systems for a process. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
