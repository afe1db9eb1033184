import { join } from 'node:path';
import type { BatchLane } from '../load/batch-lane.ts';
import type { Log } from '../observe/log.ts';
import { OperationalError } from '../operational-error.ts';
import { type LaneLink, openLaneLink, OwnerLost } from './lane-link.ts';
import { HEARTBEAT_MS, LANE_PROTOCOL, type LaneCodec } from './lane-protocol.ts';
import { type LaneServer, openLaneServer } from './lane-server.ts';
import { privateDirectory } from './private-directory.ts';

export interface SharedLaneOptions<Request, Result> {
  /** Executes what this process owns, or cannot forward. */
  readonly local: BatchLane<Request, Result>;
  readonly codec: LaneCodec<Request, Result>;
  /** Whether a result is true even if an earlier try of the same request is still to be executed. */
  readonly isFinal: (result: Result) => boolean;
  /** Directory of the socket; only this user may enter it. */
  readonly directory: string;
  /** Processes of one directory share a lane if they name it alike. At most 20 characters. */
  readonly name: string;
  /** Requests under way to the owner at most. */
  readonly inFlightMax: number;
  readonly waitMaxMs: number;
  /** Monotonic, and the same in all processes of the machine. */
  readonly machineMs: () => number;
  readonly random: () => number;
  readonly log: Log;
}

export interface SharedLane<Request, Result> extends BatchLane<Request, Result> {
  /** False while another process executes this one's requests. */
  isOwner(): boolean;
  /** Looks for the owner, or becomes it. Until then requests are executed here. */
  join(): void;
  /** Executes everything here from now on, and leaves the ownership to another process. */
  leave(): void;
  /** Resolves when every forwarded request is answered, in both directions. Call it after `leave`. */
  close(): Promise<void>;
}

/** Spreads processes that lose their owner at the same moment. */
const JITTER_MS = 50;
/** After this pause a process tries again to take a socket that it could not take. */
const RETRY_MS = 5000;
/** Executes here for this long once the owner has reported that it cannot reach the database. */
const DISTRUST_MS = 1000;

/**
 * One lane for all processes of a machine: the owner of a socket executes the requests of all. With a lane in
 * each process, groups would be smaller and each request would cost up to twice as much. Ownership is a
 * matter of speed alone: two processes may both own the lane for some 200 ms, and the database decides as
 * always.
 *
 * A dead owner is replaced at once and a frozen one within 2 s. A request that was under way to it is
 * repeated while there is time, which is safe because a request has a key. The result of the repetition is
 * returned if `isFinal`. Otherwise, and if it is too late, the caller gets OperationalError `busy_retry`: the
 * lost owner might still execute the request.
 */
export function createSharedLane<Request, Result>(
  options: SharedLaneOptions<Request, Result>,
): SharedLane<Request, Result> {
  const { local, isFinal, waitMaxMs, machineMs } = options;
  const membership = createMembership(options);
  let distrustedUntilMs = 0;

  const repeat = async (request: Request, sinceMs: number): Promise<Result> => {
    await membership.settled();
    const waitedMs = machineMs() - sinceMs;
    if (waitedMs > waitMaxMs) throw lost();
    const link = membership.link();
    const again = link?.submit(request, sinceMs + waitMaxMs) ?? local.submit(request, waitedMs);
    const result = await again.catch((error: unknown) => {
      throw error instanceof OwnerLost ? lost() : error;
    });
    if (!isFinal(result)) throw lost();
    return result;
  };

  return {
    async submit(request, waitedMs = 0) {
      const sinceMs = machineMs() - waitedMs;
      const link = membership.link();
      if (link === undefined || machineMs() < distrustedUntilMs) return local.submit(request, waitedMs);
      try {
        return await link.submit(request, sinceMs + waitMaxMs);
      } catch (error) {
        if (error instanceof OwnerLost) return repeat(request, sinceMs);
        if (error instanceof OperationalError && error.code === 'dependency_unavailable') {
          distrustedUntilMs = machineMs() + DISTRUST_MS;
        }
        throw error;
      }
    },
    isFull: () => (membership.link() ?? local).isFull(),
    waiting: local.waiting,
    idle: local.idle,
    isOwner: () => membership.link() === undefined,
    join: membership.join,
    leave: membership.leave,
    close: membership.close,
  };
}

/** Finds the owner or becomes it, again and again. */
function createMembership<Request, Result>(options: SharedLaneOptions<Request, Result>) {
  const { local, codec, directory, inFlightMax, waitMaxMs, machineMs, random, log } = options;
  const path = join(directory, `${options.name}-${LANE_PROTOCOL}.sock`);
  let link: LaneLink<Request, Result> | undefined;
  let server: LaneServer | undefined;
  let seeking: Promise<void> | undefined;
  let hasLeft = false;
  let leaving: Promise<void> | undefined;
  let tickedMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const follow = async (): Promise<boolean> => {
    const onLost = () => {
      if (link === undefined) return;
      link = undefined;
      log.info('lane_owner_lost');
      seek();
    };
    await privateDirectory(directory);
    const found = await openLaneLink({ path, codec, inFlightMax, machineMs, onLost });
    if (found === undefined || found.isLost()) return false;
    link = found;
    log.info('lane_joined', { path });
    return true;
  };

  const findOrBecomeOwner = async (): Promise<void> => {
    if (await follow()) return;
    await delay(random() * JITTER_MS);
    // Another process may have been faster.
    if (hasLeft || (await follow())) return;
    server = await openLaneServer({ path, local, codec, waitMaxMs, machineMs, log });
    log.info('lane_owned', { path });
  };

  const seek = (): void => {
    if (hasLeft) return;
    seeking ??= findOrBecomeOwner()
      .catch((error: unknown) => {
        log.warn('lane_unavailable', { path, error });
        setTimeout(seek, RETRY_MS).unref();
      })
      .finally(() => {
        seeking = undefined;
      });
  };

  const stepDown = async (): Promise<void> => {
    const former = server;
    server = undefined;
    await former?.leave();
  };

  const tick = (): void => {
    const isLate = machineMs() - tickedMs > 2 * HEARTBEAT_MS;
    tickedMs = machineMs();
    if (isLate) link?.excuse();
    else link?.check();
    const own = server;
    own?.beat();
    if (own !== undefined) void giveWay(own);
  };

  const giveWay = async (own: LaneServer): Promise<void> => {
    if ((await own.isCurrent()) || server !== own) return;
    log.info('lane_lost');
    void stepDown();
    seek();
  };

  return {
    link: () => link,
    settled: () => seeking,
    join() {
      tickedMs = machineMs();
      timer = setInterval(tick, HEARTBEAT_MS).unref();
      seek();
    },
    leave() {
      hasLeft = true;
      clearInterval(timer);
      leaving = stepDown();
    },
    async close() {
      await Promise.all([leaving, seeking]);
      link?.close();
      await stepDown();
    },
  };
}

function lost(): OperationalError {
  return new OperationalError('busy_retry', 'the owner of the lane was lost, and the outcome with it');
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
