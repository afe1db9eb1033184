import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { LoadPhase } from './drive-load.ts';
import type { LoadJob, LoadResult } from './load-job.ts';

/** Added to the job's duration: start, connections and last responses. */
const EXTRA_TIME_MS = 30_000;

type Outcome = { readonly result: LoadResult } | { readonly reason: string };

export interface RunLoadOptions {
  readonly signal?: AbortSignal;
  /** Called when the measured time begins and when it ends. */
  readonly onPhase?: (phase: LoadPhase) => void;
}

/**
 * Drives the load in a separate process and resolves with the responses. Rejects when it cannot connect,
 * when it outlasts its time, and with the signal's reason once that aborts.
 *
 *   const { byStatus } = await runLoad({ urls: [app.url], connections: 64, warmUpMs: 1000, durationMs: 5000,
 *     pace: { kind: 'open', ratePerS: 3000, waitingMax: 10_000 },
 *     requests: { kind: 'orders', tokens, productIds, zipfExponent: 0, keyPrefix: 'overload-' }, seed: 1 });
 *   latencyHistogram(byStatus['503']?.latencies).quantile(0.99); // microseconds
 */
export function runLoad(job: LoadJob, { signal, onPhase }: RunLoadOptions = {}): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = fork(join(import.meta.dirname, 'load-process.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A separate process group: Ctrl-C reaches only the parent, which then ends this process.
      detached: true,
    });
    let outcome: Outcome | undefined;
    const timer = setTimeout(() => child.kill('SIGKILL'), job.warmUpMs + job.durationMs + EXTRA_TIME_MS);
    const onAbort = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('error', reject);
    child.on('message', (message: Outcome | { readonly phase: LoadPhase }) => {
      if ('phase' in message) onPhase?.(message.phase);
      else outcome = message;
    });
    child.once('exit', (code, name) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (signal?.aborted) reject(signal.reason as Error);
      else if (outcome === undefined)
        reject(new Error(`the load process ended with ${name ?? `code ${code}`}`));
      else if ('reason' in outcome) reject(new Error(`load: ${outcome.reason}`));
      else resolve(outcome.result);
    });
    child.send(job);
  });
}
