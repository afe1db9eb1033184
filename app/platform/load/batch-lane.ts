import { OperationalError } from '../operational-error.ts';

export interface BatchLaneOptions<Request, Result> {
  /**
   * Decides a group in one transaction: one result per request, in the same order. An Error rejects that request and
   * no other.
   */
  readonly decide: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>;
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
  /** Requests in the queue. */
  waiting(): number;
  /** Resolves when nothing waits and no group is under way. */
  idle(): Promise<void>;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly sinceMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Of the longest wait: what is let in has room for groups that take twice as long as the last ones. */
const WAIT_SHARE = 0.5;

/**
 * Natural batching: a request that finds a lane free goes at once and alone, and those that arrive while its
 * transaction is under way form the next group. There is no timer, so nobody waits for company; under load a
 * group shares one commit, which is where a hot product's rate comes from.
 *
 * Under overload a request that would wait too long is turned away when it comes, which is cheap for both sides, and
 * not after its wait: it is told by the full groups ahead of it and by what the last full ones have taken.
 *
 * A group that fails for a reason of its own (not a lock, not a lost connection) is run again in halves, and those
 * in halves, so that only the request at fault fails.
 */
export function batchLane<Request, Result>(
  options: BatchLaneOptions<Request, Result>,
): BatchLane<Request, Result> {
  const { groupMax, queueMax, waitMaxMs, lanes, nowMs } = options;
  let queue: Waiting<Request, Result>[] = [];
  let running = 0;
  /** What a full group takes, half of it by the last one. Small groups say nothing about it. */
  let fullGroupMs = 0;
  let lastStartMs = 0;
  let whenIdle: (() => void)[] = [];

  const start = (): void => {
    while (running < lanes) {
      turnAwayLate();
      if (queue.length === 0) break;
      const group = queue.slice(0, groupMax);
      queue = queue.slice(groupMax);
      running += 1;
      void run(group);
    }
  };

  const run = async (group: readonly Waiting<Request, Result>[]): Promise<void> => {
    const startMs = nowMs();
    lastStartMs = startMs;
    const answer = await decideGroup(group);
    running -= 1;
    if (group.length === groupMax) {
      const tookMs = nowMs() - startMs;
      fullGroupMs = fullGroupMs === 0 ? tookMs : (fullGroupMs + tookMs) / 2;
    }
    start();
    // The next group is on its way before these answers are written: the database works meanwhile.
    setImmediate(answer);
    if (running === 0) {
      for (const resolve of whenIdle) resolve();
      whenIdle = [];
    }
  };

  /** Those at the head have waited longest. */
  const turnAwayLate = (): void => {
    const oldestMs = nowMs() - waitMaxMs;
    const inTime = queue.findIndex(({ sinceMs }) => sinceMs >= oldestMs);
    for (const { reject } of queue.splice(0, inTime === -1 ? queue.length : inTime)) {
      reject(new OperationalError('busy_retry', 'the request waited too long for its turn'));
    }
  };

  const isFull = (): boolean => {
    if (queue.length >= queueMax) return true;
    if (queue.length < groupMax) return false;
    // A group that is slower than those before it shows before it has ended.
    const groupMs = Math.max(fullGroupMs, nowMs() - lastStartMs);
    const groupsAhead = Math.floor(queue.length / groupMax) + 1;
    return (groupsAhead * groupMs) / lanes > waitMaxMs * WAIT_SHARE;
  };

  /** Decides a group; the function that it resolves with tells each request what became of it. Never rejects. */
  const decideGroup = async (group: readonly Waiting<Request, Result>[]): Promise<() => void> => {
    try {
      const results = await options.decide(group.map(({ request }) => request));
      return () => {
        for (const [index, { resolve, reject }] of group.entries()) {
          const result = results[index] as Result | Error;
          if (result instanceof Error) reject(result);
          else resolve(result);
        }
      };
    } catch (error) {
      if (error instanceof OperationalError || group.length === 1) {
        return () => {
          for (const { reject } of group) reject(error);
        };
      }
      // In halves: a culprit among 128 costs 14 transactions and not 128, for which all others would wait.
      const middle = Math.ceil(group.length / 2);
      for (const half of [group.slice(0, middle), group.slice(middle)]) (await decideGroup(half))();
      return () => {};
    }
  };

  return {
    place: (request) =>
      new Promise((resolve, reject) => {
        if (isFull()) {
          reject(new OperationalError('busy_retry', 'the queue is full'));
          return;
        }
        queue.push({ request, sinceMs: nowMs(), resolve, reject });
        start();
      }),
    isFull,
    waiting: () => queue.length,
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  };
}
