import type { Log } from '../observe/log.ts';

/**
 * The database's clock, as this process knows it: the one clock of the shop. Coupon windows, order times and ids follow
 * it in every process, whatever the clock of the machine says.
 */
export interface DatabaseClock {
  /**
   * Milliseconds since 1970 by the database. Wrong by at most half the round trip of the last good sample, plus what two
   * clocks drift apart until the next one. Before the first sample the process's own clock.
   */
  nowMs(): number;
  /** True when a sample is wanted: none is there, or the last one is old, and none is under way. */
  isDue(): boolean;
  /** Asks the database once. Rejects with what `read` rejects with. */
  sample(read: () => Promise<number>): Promise<void>;
}

const SAMPLE_EVERY_MS = 5000;
/** Two clocks drift apart by less than 0.2 ms per second; a quartz does a tenth of that. */
const DRIFT_PER_MS = 0.0002;
/** A machine whose clock is wrong by this much meets other limits, such as those of signatures to AWS. */
const DIFFERENCE_TOLD_MS = 5000;

interface Sample {
  /** The database's clock less the steady one, in the middle of what is possible. */
  readonly offsetMs: number;
  /** Half the round trip: the answer was made some time in it. */
  readonly errorMs: number;
  readonly atMs: number;
}

/** @param times.steadyMs never goes back and is never set, as performance.now. */
export function createDatabaseClock({
  steadyMs,
  processMs,
  log,
}: {
  steadyMs: () => number;
  processMs: () => number;
  log: Log;
}): DatabaseClock {
  let best: Sample | undefined;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let isSampling = false;
  let differs = false;

  const errorNow = (sample: Sample): number => sample.errorMs + (steadyMs() - sample.atMs) * DRIFT_PER_MS;
  const nowMs = (): number => (best === undefined ? processMs() : Math.floor(best.offsetMs + steadyMs()));

  const consider = (next: Sample): void => {
    // Where both can be true, the narrower one; where they cannot, the clock was set or the server is another one.
    const agrees =
      best !== undefined && Math.abs(next.offsetMs - best.offsetMs) <= next.errorMs + errorNow(best);
    if (best === undefined || !agrees || next.errorMs <= errorNow(best)) best = next;
  };
  const tell = (): void => {
    const differenceMs = processMs() - nowMs();
    const differsNow = Math.abs(differenceMs) > DIFFERENCE_TOLD_MS;
    if (differsNow && !differs) log.warn('clock_differs', { differenceMs });
    if (!differsNow && differs) log.info('clock_agrees', { differenceMs });
    differs = differsNow;
  };

  return {
    nowMs,
    isDue: () => !isSampling && steadyMs() - lastAtMs >= SAMPLE_EVERY_MS,
    sample: async (read) => {
      isSampling = true;
      try {
        const sentMs = steadyMs();
        const databaseMs = await read();
        const atMs = steadyMs();
        lastAtMs = atMs;
        const errorMs = (atMs - sentMs) / 2;
        consider({ offsetMs: databaseMs - (sentMs + errorMs), errorMs, atMs });
        tell();
      } finally {
        isSampling = false;
      }
    },
  };
}
