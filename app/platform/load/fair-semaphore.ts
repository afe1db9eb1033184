import { OperationalError } from '../operational-error.ts';

export interface FairSemaphore {
  /**
   * Runs `work` once the party gets a permit. Throws OperationalError `busy_retry` without running it when
   * the queue has no room for the party or the wait was too long. Otherwise throws what `work` throws.
   */
  run<T>(party: string, work: () => Promise<T>): Promise<T>;
  /** Pieces of work in the queue. */
  waiting(): number;
}

/**
 * Work joins the queue while its expected wait is below this share of waitMaxMs; leaves headroom for work
 * that takes longer than recent work.
 */
const WAIT_SHARE = 0.8;
/** Weight of the last piece of work in the average. */
const LAST_WEIGHT = 1 / 8;

interface Waiter {
  readonly sinceMs: number;
  readonly settle: (granted: boolean) => void;
}

/**
 * A semaphore whose bounded queue cannot be filled by one party. Permits go to the waiting parties round
 * robin. When the queue is full, the party with the longest queue loses its last entry to a party with fewer.
 * A party that is alone may use the whole queue. The queue is full at `waitingMax`, and before that once its
 * last entry would wait too long, going by the duration of recent work.
 */
export function createFairSemaphore(options: {
  readonly permitsMax: number;
  readonly waitingMax: number;
  readonly waitMaxMs: number;
  readonly nowMs: () => number;
}): FairSemaphore {
  const { permitsMax, waitingMax, waitMaxMs, nowMs } = options;
  let running = 0;
  let waiting = 0;
  let averageMs = 0;
  // In the order in which parties get permits. A party without waiting work has no entry.
  const queues = new Map<string, Waiter[]>();

  const isFull = () => waiting >= waitingMax || (waiting * averageMs) / permitsMax > waitMaxMs * WAIT_SHARE;

  const join = (party: string): Promise<boolean> => {
    const own = queues.get(party) ?? [];
    if (isFull() && !makeRoom(own.length)) return Promise.resolve(false);
    return new Promise((resolve) => {
      queues.set(party, [...own, { sinceMs: nowMs(), settle: resolve }]);
      waiting += 1;
    });
  };

  /** Rejects the last entry of the longest queue, if that queue stays at least as long as the newcomer's. */
  const makeRoom = (ownLength: number): boolean => {
    let longest: Waiter[] = [];
    for (const queue of queues.values()) if (queue.length > longest.length) longest = queue;
    if (longest.length <= ownLength + 1) return false;
    longest.pop()?.settle(false);
    waiting -= 1;
    return true;
  };

  const release = (): void => {
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
      // The client of a longer wait has given up.
      const isInTime = first !== undefined && nowMs() - first.sinceMs <= waitMaxMs;
      first?.settle(isInTime);
      // The permit passes to this waiter, so `running` stays as it is.
      if (isInTime) return;
    }
  };

  return {
    run: async (party, work) => {
      if (running < permitsMax) running += 1;
      else if (!(await join(party))) throw new OperationalError('busy_retry', 'too much work is waiting');
      const startMs = nowMs();
      try {
        return await work();
      } finally {
        averageMs += (nowMs() - startMs - averageMs) * LAST_WEIGHT;
        release();
      }
    },
    waiting: () => waiting,
  };
}
