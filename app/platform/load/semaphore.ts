/** A fixed number of permits behind a bounded first-in, first-out queue. */
export interface Semaphore {
  /**
   * Resolves with true once a permit is granted, with false when the queue is full or `timeoutMs` has passed.
   */
  acquire(timeoutMs: number): Promise<boolean>;
  /** Returns a permit that `acquire` has granted. Call once per permit. */
  release(): void;
  /** Callers in the queue. */
  waiting(): number;
}

/**
 * Callers that time out leave the queue at once, so every place in it belongs to a caller who still waits.
 */
export function createSemaphore(options: {
  readonly permitsMax: number;
  readonly waitingMax: number;
}): Semaphore {
  const { permitsMax, waitingMax } = options;
  let free = permitsMax;
  // A Set keeps the order of insertion and removes from the middle in constant time.
  const waiting = new Set<(granted: boolean) => void>();

  return {
    acquire: (timeoutMs) => {
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
    release: () => {
      const [next] = waiting;
      if (next === undefined) free += 1;
      else next(true);
    },
    waiting: () => waiting.size,
  };
}
