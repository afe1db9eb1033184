import { OperationalError } from '../operational-error.ts';

export interface BatchLaneOptions<Request, Result> {
  /**
   * Executes a group in one transaction and returns one result per request, in the same order. An Error as a
   * result rejects only that request.
   */
  readonly execute: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>;
  /** Requests per group at most. */
  readonly groupMax: number;
  /** Requests that may wait. The next one is rejected. */
  readonly queueMax: number;
  /**
   * A request that has waited longer is rejected and not executed: its client has given up or is about to.
   */
  readonly waitMaxMs: number;
  /** Groups that run at the same time. */
  readonly lanes: number;
  readonly nowMs: () => number;
}

export interface BatchLane<Request, Result> {
  /**
   * Returns the committed result of this request. Throws what `execute` throws. Throws OperationalError
   * `busy_retry`, without executing the request, when the queue is full or the request has waited too long.
   * `waitedMs` is how long it has waited elsewhere.
   */
  submit(request: Request, waitedMs?: number): Promise<Result>;
  /** True when `submit` would reject a request at once. */
  isFull(): boolean;
  /** Requests in the queue. */
  waiting(): number;
  /** Resolves when no request waits and no group runs. */
  idle(): Promise<void>;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly sinceMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * During an overload admit only while the estimated wait is below this share of waitMaxMs. More would make
 * every request wait longer and serve none in addition.
 */
const OVERLOAD_WAIT_SHARE = 1 / 3;
/**
 * A crowd has arrived and been served for the most part after this share of waitMaxMs. With a third, a
 * quarter of 5,000 at one moment were rejected. A longer queue after that time is an overload.
 */
const CROWD_SHARE = 2 / 3;
/**
 * An overload is over once none was rejected for this many times waitMaxMs: a pause in it, such as a stalled
 * network, must not let a long queue form again. The duration of full groups is forgotten as long after the
 * last of them: a stall in the morning says nothing about the crowd at noon.
 */
const CALM_WAITS = 5;

/**
 * Natural batching: a request that finds a free lane runs at once and alone; requests that arrive while its
 * transaction runs form the next group. There is no timer, so no request waits for others. Under load a group
 * shares one commit, which determines the rate of a hot product.
 *
 * A request that would wait too long is rejected on arrival, which is cheap for both sides. The estimate is
 * the number of full groups ahead of it times the duration of the last full ones. A crowd that arrives at one
 * moment is served in a queue of up to waitMaxMs. A long queue that lasts longer than a crowd does is an
 * overload: its end is rejected, and it is kept short from then on.
 *
 * A group that fails for any reason other than a lock or a lost connection runs again in halves, recursively,
 * so that only the faulty request fails.
 */
export function createBatchLane<Request, Result>(
  options: BatchLaneOptions<Request, Result>,
): BatchLane<Request, Result> {
  const { groupMax, queueMax, waitMaxMs, lanes, nowMs } = options;
  const overloadWaitMs = waitMaxMs * OVERLOAD_WAIT_SHARE;
  let queue: Waiting<Request, Result>[] = [];
  let running = 0;
  /** Small groups do not count. */
  const fullGroups = recentDuration(CALM_WAITS * waitMaxMs, nowMs);
  let lastStartMs = 0;
  /** When a group last took all that waited. */
  let allTakenMs = nowMs();
  /** When a request was last rejected because of an overload. */
  let overloadMs = Number.NEGATIVE_INFINITY;
  let whenIdle: (() => void)[] = [];

  const start = (): void => {
    while (running < lanes) {
      rejectLate();
      if (queue.length === 0) break;
      const group = queue.slice(0, groupMax);
      queue = queue.slice(groupMax);
      if (queue.length === 0) allTakenMs = nowMs();
      running += 1;
      void run(group);
    }
  };

  const run = async (group: readonly Waiting<Request, Result>[]): Promise<void> => {
    const startMs = nowMs();
    lastStartMs = startMs;
    const settleGroup = await executeGroup(options.execute, group);
    running -= 1;
    if (group.length === groupMax) fullGroups.add(nowMs() - startMs);
    start();
    // Settle after the next group is sent, so that the database works while these answers are written.
    setImmediate(settleGroup);
    if (running === 0) {
      for (const resolve of whenIdle) resolve();
      whenIdle = [];
    }
  };

  /** Rejects requests that have waited too long. They are at the head of the queue. */
  const rejectLate = (): void => {
    const oldestMs = nowMs() - waitMaxMs;
    const inTime = queue.findIndex(({ sinceMs }) => sinceMs >= oldestMs);
    rejectBusy(queue.splice(0, inTime === -1 ? queue.length : inTime), 'it waited too long in the queue');
  };

  const isFull = (): boolean => {
    if (queue.length >= queueMax) return true;
    if (queue.length < groupMax) return false;
    const at = nowMs();
    const fullGroupMs = fullGroups.averageMs();
    const standsMs = at - allTakenMs;
    const isOverload = at - overloadMs <= CALM_WAITS * waitMaxMs;
    // The running group counts as soon as it is slower than those before it, but not at the beginning of a
    // crowd: it seems slow then because the event loop is busy.
    const groupMs =
      isOverload || standsMs > waitMaxMs ? Math.max(fullGroupMs, at - lastStartMs) : fullGroupMs;
    const groupsAhead = Math.floor(queue.length / groupMax) + 1;
    const expectedMs = (groupsAhead * groupMs) / lanes;
    if (!isOverload && standsMs <= waitMaxMs * CROWD_SHARE) return expectedMs > waitMaxMs;
    if (expectedMs <= overloadWaitMs) return false;
    overloadMs = at;
    if (isOverload) return true;
    // Keep what is served within the wait of an overload, and at least one group.
    const groups = Math.max(1, Math.floor((overloadWaitMs * lanes) / fullGroupMs));
    rejectBusy(queue.splice(groups * groupMax), 'more requests arrive than can be served');
    return true;
  };

  return {
    submit: (request, waitedMs = 0) =>
      new Promise((resolve, reject) => {
        if (isFull()) {
          reject(new OperationalError('busy_retry', 'the queue is full'));
          return;
        }
        queue.push({ request, sinceMs: nowMs() - waitedMs, resolve, reject });
        start();
      }),
    isFull,
    waiting: () => queue.length,
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  };
}

/** Moving average of durations, the last one weighted by half; 0 if the last one is too long ago. */
function recentDuration(forgetAfterMs: number, nowMs: () => number) {
  let ofAllMs = 0;
  let lastAtMs = 0;
  const averageMs = (): number => (nowMs() - lastAtMs > forgetAfterMs ? 0 : ofAllMs);
  return {
    averageMs,
    add(tookMs: number): void {
      const beforeMs = averageMs();
      ofAllMs = beforeMs === 0 ? tookMs : (beforeMs + tookMs) / 2;
      lastAtMs = nowMs();
    },
  };
}

function rejectBusy(waiting: readonly Pick<Waiting<unknown, unknown>, 'reject'>[], why: string): void {
  for (const { reject } of waiting) reject(new OperationalError('busy_retry', why));
}

/** Executes a group. Resolves with a function that settles its requests. Never rejects. */
async function executeGroup<Request, Result>(
  execute: BatchLaneOptions<Request, Result>['execute'],
  group: readonly Waiting<Request, Result>[],
): Promise<() => void> {
  try {
    const results = await execute(group.map(({ request }) => request));
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
    // Halves: one faulty request among 128 costs 14 transactions instead of 128.
    const middle = Math.ceil(group.length / 2);
    for (const half of [group.slice(0, middle), group.slice(middle)]) (await executeGroup(execute, half))();
    return () => {};
  }
}
