export interface SingleFlight<T> {
  /** Starts the work, or joins the run in progress. */
  run(): Promise<T>;
  /** The run in progress, if any. */
  running(): Promise<T> | undefined;
}

/**
 * Lets any number of callers share one run of `work`. The first call after a run has settled starts the next
 * one.
 */
export function createSingleFlight<T>(work: () => Promise<T>): SingleFlight<T> {
  let running: Promise<T> | undefined;
  return {
    run: () => {
      running ??= work().finally(() => {
        running = undefined;
      });
      return running;
    },
    running: () => running,
  };
}
