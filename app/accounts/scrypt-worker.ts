/** Worker thread of scrypt-threads.ts: derives one key per message. */
import { scryptSync } from 'node:crypto';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { ScryptJob } from './scrypt-threads.ts';

/**
 * Niceness above the event loop's: log-ins use the CPU time that requests leave. By the scheduler's weights,
 * a thread still gets a quarter of a core that the loop needs entirely. With 10 (a tenth of a core), log-ins
 * timed out on a machine with 25 tasks for two cores, some of them at raised priority.
 */
const NICER_BY = 5;
const NICENESS_MAX = 19;

// Linux has a priority per thread. Elsewhere this would lower the priority of the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(Math.min(NICENESS_MAX, getPriority() + NICER_BY));
  } catch {
    // A sandbox may forbid it. Log-ins at normal priority are better than none.
  }
}

// A port has no origin, unlike a window.
// oxlint-disable unicorn/require-post-message-target-origin
parentPort?.on('message', ({ password, salt, bytes, options }: ScryptJob) => {
  parentPort?.postMessage(scryptSync(password, salt, bytes, options));
});
