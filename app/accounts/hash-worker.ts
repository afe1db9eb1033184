/** Worker thread of hash-threads.ts: derives one key per message. */
import { argon2Sync, scryptSync } from 'node:crypto';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { HashJob } from './hash-threads.ts';

/**
 * Niceness above the event loop's: log-ins use the CPU time that requests leave. By the scheduler's weights,
 * a thread still gets a quarter of a core that the loop needs entirely. With 10 (a tenth of a core), log-ins
 * timed out on a machine with 25 tasks for two cores, some of them at raised priority.
 */
const NICER_BY = 5;
const NICENESS_MAX = 19;
const SCRYPT_BLOCK_SIZE = 8;

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
parentPort?.on('message', (job: HashJob) => {
  parentPort?.postMessage(derive(job));
});

function derive({ password, salt, bytes, cost }: HashJob): Buffer {
  if (cost.scheme === 'argon2id') {
    const { memoryKib: memory, passes } = cost;
    const terms = { message: password, nonce: salt, parallelism: 1, tagLength: bytes, memory, passes };
    return argon2Sync('argon2id', terms);
  }
  const N = 2 ** cost.costLog2;
  // Node rejects a job above maxmem; scrypt needs slightly more than 128 * r * N bytes.
  return scryptSync(password, salt, bytes, {
    N,
    r: SCRYPT_BLOCK_SIZE,
    p: 1,
    maxmem: 256 * SCRYPT_BLOCK_SIZE * N,
  });
}
