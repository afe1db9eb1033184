/** A role, or a part of one, that runs until `stop`, which resolves when its work is finished. */
export interface RunningRole {
  readonly stop: () => Promise<void>;
}

/** Runs a loop that ends when its signal aborts, after the work in progress. */
export function startLoop(loop: (signal: AbortSignal) => Promise<void>): RunningRole {
  const controller = new AbortController();
  const finished = loop(controller.signal);
  return {
    stop: () => {
      controller.abort();
      return finished;
    },
  };
}
