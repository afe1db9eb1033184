import type { LoadJob } from './load/load-job.ts';
import { runLoad } from './load/run-load.ts';

/**
 * Requests that a process serves before it is first measured; before that, a good part of its time is
 * compilation. Counted and not timed: four processes with a quarter of the load each would otherwise be
 * measured colder than one.
 */
const WARM_REQUESTS = 8000;
const PIECE_MS = 1500;

/**
 * Loads new processes until each has served enough requests, at most for `atMostMs`. Returns how many
 * requests were answered with 200.
 */
export async function warmUp(
  job: LoadJob,
  { atMostMs, signal }: { readonly atMostMs: number; readonly signal: AbortSignal },
): Promise<number> {
  const wanted = WARM_REQUESTS * job.urls.length;
  const untilMs = performance.now() + atMostMs;
  let served = 0;
  for (let piece = 0; served < wanted && performance.now() < untilMs; piece += 1) {
    const result = await runLoad(pieceOf(job, piece), { signal });
    served += result.totals['200'] ?? 0;
  }
  return served;
}

/** Every piece has keys of its own. */
function pieceOf(job: LoadJob, piece: number): LoadJob {
  const { requests } = job;
  return {
    ...job,
    warmUpMs: 0,
    durationMs: PIECE_MS,
    requests:
      requests.kind === 'orders'
        ? {
            ...requests,
            introduce: requests.introduce === true && piece === 0,
            keyPrefix: `${requests.keyPrefix}warm-${piece}-`,
          }
        : requests,
  };
}
