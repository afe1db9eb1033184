import { OperationalError } from '../operational-error.ts';

export interface FairTurns {
  /**
   * Runs `work` when it is its turn. Throws OperationalError `busy_retry` without running it when it may not wait, or
   * has waited too long, and otherwise what `work` throws.
   */
  run<T>(party: string, work: () => Promise<T>): Promise<T>;
  /** Pieces of work in the queue. */
  waiting(): number;
}

interface Waiter {
  readonly sinceMs: number;
  readonly settle: (granted: boolean) => void;
}

/**
 * A bounded number of turns with a bounded queue that no party can fill for the others: the parties that wait take
 * turns, and when the queue is full the one with the most in it loses its last for somebody with fewer. Alone, a party
 * may have all of it.
 */
export function fairTurns(options: {
  readonly turnsMax: number;
  readonly waitingMax: number;
  readonly waitMaxMs: number;
  readonly nowMs: () => number;
}): FairTurns {
  const { turnsMax, waitingMax, waitMaxMs, nowMs } = options;
  let running = 0;
  let waiting = 0;
  // In the order in which they have their turns; nobody is in it without work.
  const queues = new Map<string, Waiter[]>();

  const join = (party: string): Promise<boolean> => {
    const own = queues.get(party) ?? [];
    if (waiting >= waitingMax && !makeRoom(own.length)) return Promise.resolve(false);
    return new Promise((resolve) => {
      queues.set(party, [...own, { sinceMs: nowMs(), settle: resolve }]);
      waiting += 1;
    });
  };

  /** Sends away the last of whoever has most, if that is more than the newcomer will have. */
  const makeRoom = (ownLength: number): boolean => {
    let longest: Waiter[] = [];
    for (const queue of queues.values()) if (queue.length > longest.length) longest = queue;
    if (longest.length <= ownLength + 1) return false;
    longest.pop()?.settle(false);
    waiting -= 1;
    return true;
  };

  const giveTurn = (): void => {
    for (;;) {
      const [next] = queues;
      if (next === undefined) {
        running -= 1;
        return;
      }
      const [party, [first, ...rest]] = next;
      queues.delete(party);
      if (rest.length > 0) queues.set(party, rest);
      waiting -= 1;
      // Whoever has waited longer has a client that has given up.
      const isInTime = first !== undefined && nowMs() - first.sinceMs <= waitMaxMs;
      first?.settle(isInTime);
      // The turn is handed over, so `running` stays as it is.
      if (isInTime) return;
    }
  };

  return {
    run: async (party, work) => {
      if (running < turnsMax) running += 1;
      else if (!(await join(party))) throw new OperationalError('busy_retry', 'too much work is waiting');
      try {
        return await work();
      } finally {
        giveTurn();
      }
    },
    waiting: () => waiting,
  };
}
