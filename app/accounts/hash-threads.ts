import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OperationalError } from '../platform/operational-error.ts';
import type { HashCost } from '../contract/hash-cost.ts';

export interface HashJob {
  readonly password: string;
  readonly salt: Uint8Array;
  /** Length of the key. */
  readonly bytes: number;
  readonly cost: HashCost;
}

interface Waiting {
  readonly resolve: (key: Buffer) => void;
  readonly reject: (error: OperationalError) => void;
}

interface Thread {
  readonly run: (job: HashJob) => Promise<Buffer>;
}

/**
 * Derives keys on its own threads: libuv's threads have the event loop's priority and are needed for DNS and
 * files. Threads start on demand and do not keep the process alive. There are as many as concurrent jobs,
 * which the calling code bounds. Throws OperationalError `busy_retry` if a thread ends before its job.
 */
export function createHashThreads(): (job: HashJob) => Promise<Buffer> {
  const idle: Thread[] = [];

  const start = (): Thread => {
    // The worker file has this file's extension: `.ts` in the source tree, JavaScript in a bundle.
    const worker = new Worker(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url));
    let waiting: Waiting | undefined;
    const finish = (): Waiting | undefined => {
      const finished = waiting;
      waiting = undefined;
      worker.unref();
      return finished;
    };
    worker.on('message', (key: Uint8Array) => {
      const finished = finish();
      idle.push(thread);
      finished?.resolve(Buffer.from(key));
    });
    const end = (cause: unknown): void => {
      const index = idle.indexOf(thread);
      if (index >= 0) idle.splice(index, 1);
      finish()?.reject(new OperationalError('busy_retry', 'a hashing thread has ended', { cause }));
    };
    worker.on('error', end).on('exit', end);
    const thread: Thread = {
      run: (job) =>
        new Promise((resolve, reject) => {
          waiting = { resolve, reject };
          worker.ref();
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
          worker.postMessage(job);
        }),
    };
    return thread;
  };

  return (job) => (idle.pop() ?? start()).run(job);
}
