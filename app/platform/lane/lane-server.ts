import type { Socket } from 'node:net';
import type { BatchLane } from '../load/batch-lane.ts';
import type { Log } from '../observe/log.ts';
import { OperationalError } from '../operational-error.ts';
import type { Forwarded, LaneCodec, OwnerMessage } from './lane-protocol.ts';
import { type MessageSocket, messageSocket } from './message-socket.ts';
import { takeSocket } from './owned-socket.ts';

export interface LaneServerOptions<Request, Result> {
  /** Socket to take, from its present owner if there is one. */
  readonly path: string;
  readonly local: BatchLane<Request, Result>;
  readonly codec: LaneCodec<Request, Result>;
  /** Longest wait of a request in the queue, the same in all processes. */
  readonly waitMaxMs: number;
  /** Monotonic, and the same in all processes of the machine. */
  readonly machineMs: () => number;
  readonly log: Log;
}

/** The owner's side of a lane. */
export interface LaneServer {
  /** Tells every process that forwards here that this one lives, and whether its queue is full. */
  beat(): void;
  /** False once another process has taken the socket, or it has been removed. */
  isCurrent(): Promise<boolean>;
  /** Takes no more requests. Resolves when all that were received are answered. */
  leave(): Promise<void>;
}

interface Follower {
  readonly messages: MessageSocket;
  /** Requests received and not answered. */
  pending: number;
  /** The state that was last sent to it. */
  isFull: boolean;
}

/**
 * Executes the requests of other processes in the local lane. A request whose deadline has passed is not
 * executed: its sender may have given it up and repeated it elsewhere, for example while this process was
 * frozen. Rejects if the socket cannot be taken.
 */
export async function openLaneServer<Request, Result>(
  options: LaneServerOptions<Request, Result>,
): Promise<LaneServer> {
  const { path, local, codec, waitMaxMs, machineMs, log } = options;
  const followers = new Set<Follower>();
  const gone = Promise.withResolvers<void>();
  let isLeaving = false;

  const tell = ({ messages }: Follower, message: OwnerMessage): void => messages.send(message);
  const tellState = (follower: Follower): void => {
    follower.isFull = local.isFull();
    tell(follower, ['alive', follower.isFull]);
  };

  const execute = async (follower: Follower, [kind, id, deadlineMs, encoded]: Forwarded): Promise<void> => {
    if (kind !== 'request') throw new Error('the message is unknown');
    const request = codec.decodeRequest(encoded);
    follower.pending += 1;
    try {
      const leftMs = deadlineMs - machineMs();
      if (leftMs <= 0) throw new OperationalError('busy_retry', 'the request came too late to the lane');
      const result = await local.submit(request, waitMaxMs - leftMs);
      tell(follower, ['result', id, codec.encodeResult(result)]);
    } catch (error) {
      if (error instanceof OperationalError) {
        tell(follower, ['failure', id, error.code, error.message]);
      } else {
        log.error('forwarded_request_crashed', { error });
        tell(follower, ['crash', id, error instanceof Error ? error.message : String(error)]);
      }
    }
    follower.pending -= 1;
    if (follower.isFull !== local.isFull()) tellState(follower);
    if (isLeaving && follower.pending === 0) follower.messages.end();
  };

  const greet = (connection: Socket): void => {
    const follower: Follower = {
      messages: messageSocket(connection, {
        onMessages: (received) => {
          for (const message of received) {
            execute(follower, message as unknown as Forwarded).catch(() => follower.messages.destroy());
          }
        },
        onEnd: () => {
          followers.delete(follower);
          if (isLeaving && followers.size === 0) gone.resolve();
        },
      }),
      pending: 0,
      isFull: false,
    };
    followers.add(follower);
    tellState(follower);
  };

  const socket = await takeSocket({ path, onConnection: greet, log });
  return {
    beat() {
      for (const follower of followers) tellState(follower);
    },
    isCurrent: socket.isCurrent,
    async leave() {
      isLeaving = true;
      // First, so that a follower that receives the message finds no owner and becomes one.
      await socket.release();
      for (const follower of followers) {
        tell(follower, ['leaving']);
        if (follower.pending === 0) follower.messages.end();
      }
      if (followers.size === 0) gone.resolve();
      await gone.promise;
    },
  };
}
