import type { Log } from '../observe/log.ts';

/**
 * The database's clock as this process knows it: the one clock of the shop. Coupon windows, order times and
 * ids follow it in every process, whatever the machine's clock says.
 */
export interface DatabaseClock {
  /**
   * Milliseconds since 1970 by the database. The error is at most half the round trip of the last good sample
   * plus the drift of two clocks since then. Returns the process's own clock before the first sample.
   */
  nowMs(): number;
  /** True when there is no sample yet or the last one is old, and none is being taken. */
  isDue(): boolean;
  /** Reads the database's clock once. Rejects with the error of `read`. */
  sample(read: () => Promise<number>): Promise<void>;
}

const SAMPLE_EVERY_MS = 5000;
/** Assumed drift of two clocks, 0.2 ms per second; quartz clocks drift a tenth of that. */
const DRIFT_PER_MS = 0.0002;
/** Report a machine whose clock is wrong by this much: other limits follow, such as AWS's for signatures. */
const DIFFERENCE_REPORTED_MS = 5000;

interface Sample {
  /** The database's clock minus the steady one: the middle of the possible range. */
  readonly offsetMs: number;
  /** Half the round trip, within which the server read its clock. */
  readonly errorMs: number;
  readonly atMs: number;
}

/** @param options.steadyMs never goes back and is never set, as performance.now. */
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
    // Keep the narrower sample while both can be true. Otherwise the clock was set or the server is another
    // one.
    const agrees =
      best !== undefined && Math.abs(next.offsetMs - best.offsetMs) <= next.errorMs + errorNow(best);
    if (best === undefined || !agrees || next.errorMs <= errorNow(best)) best = next;
  };
  const report = (): void => {
    const differenceMs = processMs() - nowMs();
    const differsNow = Math.abs(differenceMs) > DIFFERENCE_REPORTED_MS;
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
        report();
      } finally {
        isSampling = false;
      }
    },
  };
}
