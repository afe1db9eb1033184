import { OperationalError } from './operational-error.ts';

export interface BatchLaneOptions<Request, Result> {
  /** Decides a group in one transaction: one result a request, in the same order. */
  readonly decide: (requests: readonly Request[]) => Promise<readonly Result[]>;
  /** Requests a group at most. */
  readonly groupMax: number;
  /** Requests that may wait; the next one is turned away. */
  readonly queueMax: number;
  /** A request that has waited longer is turned away instead of being decided: its client has given up or will. */
  readonly waitMaxMs: number;
  /** Groups under way at once. */
  readonly lanes: number;
  readonly nowMs: () => number;
}

export interface BatchLane<Request, Result> {
  /**
   * The result of this request, committed. Throws what `decide` throws, and OperationalError `busy_retry` when
   * the queue is full or the request has waited too long; it has then not been touched.
   */
  place(request: Request): Promise<Result>;
  /** True when `place` would turn a request away. */
  isFull(): boolean;
  /** Resolves when nothing waits and no group is under way. */
  idle(): Promise<void>;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly sinceMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Natural batching: a request that finds a lane free goes at once and alone, and those that arrive while its
 * transaction is under way form the next group. There is no timer, so nobody waits for company; under load a
 * group shares one commit, which is where a hot product's rate comes from.
 *
 * A group that fails for a reason of its own (not a lock, not a lost connection) is run again one by one, so
 * that only the request at fault fails.
 */
export function batchLane<Request, Result>(
  options: BatchLaneOptions<Request, Result>,
): BatchLane<Request, Result> {
  const { groupMax, queueMax, waitMaxMs, lanes, nowMs } = options;
  let queue: Waiting<Request, Result>[] = [];
  let running = 0;
  let whenIdle: (() => void)[] = [];

  const start = (): void => {
    while (running < lanes && queue.length > 0) {
      const group = queue.slice(0, groupMax);
      queue = queue.slice(groupMax);
      running += 1;
      void runGroup(group).finally(() => {
        running -= 1;
        start();
        if (running === 0) {
          for (const resolve of whenIdle) resolve();
          whenIdle = [];
        }
      });
    }
  };

  const runGroup = async (waiting: readonly Waiting<Request, Result>[]): Promise<void> => {
    const oldestMs = nowMs() - waitMaxMs;
    const group = waiting.filter(({ sinceMs, reject }) => {
      const isInTime = sinceMs >= oldestMs;
      if (!isInTime) reject(new OperationalError('busy_retry', 'the request waited too long for its turn'));
      return isInTime;
    });
    if (group.length === 0) return;
    try {
      const results = await options.decide(group.map(({ request }) => request));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (error instanceof OperationalError || group.length === 1) {
        for (const { reject } of group) reject(error);
        return;
      }
      for (const single of group) await runGroup([{ ...single, sinceMs: nowMs() }]);
    }
  };

  return {
    place: (request) =>
      new Promise((resolve, reject) => {
        if (queue.length >= queueMax) {
          reject(new OperationalError('busy_retry', 'the queue is full'));
          return;
        }
        queue.push({ request, sinceMs: nowMs(), resolve, reject });
        start();
      }),
    isFull: () => queue.length >= queueMax,
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  };
}
