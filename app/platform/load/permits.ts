/** A bounded number of turns with a bounded, first-come first-served queue in front. */
export interface Permits {
  /** Resolves with true when it is the caller's turn, with false when the queue is full or `timeoutMs` has passed. */
  take(timeoutMs: number): Promise<boolean>;
  /** Ends a turn that `take` has granted. */
  give(): void;
  /** Callers in the queue. */
  waiting(): number;
}

/** Who has waited too long leaves the queue, so that it holds only callers who are still there. */
export function permits({ turnsMax, waitingMax }: { turnsMax: number; waitingMax: number }): Permits {
  let free = turnsMax;
  // In order of insertion, and cheap to leave from the middle.
  const waiting = new Set<(granted: boolean) => void>();

  return {
    take: (timeoutMs) => {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(true);
      }
      if (waiting.size >= waitingMax) return Promise.resolve(false);
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(false), timeoutMs);
        const settle = (granted: boolean) => {
          clearTimeout(timer);
          waiting.delete(settle);
          resolve(granted);
        };
        waiting.add(settle);
      });
    },
    give: () => {
      const [next] = waiting;
      if (next === undefined) free += 1;
      else next(true);
    },
    waiting: () => waiting.size,
  };
}
