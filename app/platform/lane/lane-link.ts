import { connect } from 'node:net';
import { OperationalError } from '../operational-error.ts';
import { GREETING_MAX_MS, type LaneCodec, type OwnerMessage, SILENCE_MAX_MS } from './lane-protocol.ts';
import { messageSocket } from './message-socket.ts';

export interface LaneLinkOptions<Request, Result> {
  readonly path: string;
  readonly codec: LaneCodec<Request, Result>;
  /** Requests under way to the owner at most. */
  readonly inFlightMax: number;
  /** Monotonic, and the same in all processes of the machine. */
  readonly machineMs: () => number;
  /** Called once, when the owner leaves, dies or falls silent. */
  readonly onLost: () => void;
}

/** A connection to the process that owns a lane. */
export interface LaneLink<Request, Result> {
  /**
   * Returns the owner's result. Throws what the owner throws, OwnerLost if the outcome will not be known, and
   * OperationalError `busy_retry` when too many requests are under way.
   */
  submit(request: Request, deadlineMs: number): Promise<Result>;
  /** Whether the owner would reject a request, as it last said. */
  isFull(): boolean;
  isLost(): boolean;
  /** Gives the owner up if it has been silent for too long. */
  check(): void;
  /** Does not hold the silence until now against the owner: this process itself did not run. */
  excuse(): void;
  close(): void;
}

/** The owner died, or fell silent, with the request: it may have been executed or not. */
export class OwnerLost extends Error {
  constructor() {
    super('the owner of the lane was lost');
    this.name = 'OwnerLost';
  }
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Connects to the owner; undefined if no process answers in time. */
export function openLaneLink<Request, Result>(
  options: LaneLinkOptions<Request, Result>,
): Promise<LaneLink<Request, Result> | undefined> {
  const { path, codec, inFlightMax, machineMs, onLost } = options;
  const greeted = Promise.withResolvers<LaneLink<Request, Result> | undefined>();
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let heardMs = machineMs();
  let isFull = false;
  let hasGreeted = false;
  let isLost = false;

  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    if (hasGreeted) onLost();
    else greeted.resolve(undefined);
  };

  const settle = ([kind, ...fields]: OwnerMessage): void => {
    if (kind === 'alive') isFull = fields[0] === true;
    else if (kind === 'leaving') lose();
    else {
      const [id, value, message] = fields as [number, never, string];
      const waiting = pending.get(id);
      // Read before the request stops waiting: an unreadable result ends the connection.
      const result = kind === 'result' ? codec.decodeResult(value) : undefined;
      pending.delete(id);
      if (kind === 'result') waiting?.resolve(result as never);
      else if (kind === 'failure') waiting?.reject(new OperationalError(value, message));
      else waiting?.reject(new Error(value));
    }
  };

  const messages = messageSocket(connect({ path }), {
    onMessages: (received) => {
      heardMs = machineMs();
      for (const message of received) settle(message as unknown as OwnerMessage);
      if (hasGreeted) return;
      hasGreeted = true;
      clearTimeout(timer);
      greeted.resolve(link);
    },
    onEnd: () => {
      clearTimeout(timer);
      lose();
      for (const { reject } of pending.values()) reject(new OwnerLost());
      pending.clear();
    },
  });
  const timer = setTimeout(messages.destroy, GREETING_MAX_MS);

  const link: LaneLink<Request, Result> = {
    submit: (request, deadlineMs) =>
      new Promise((resolve, reject) => {
        if (isLost) {
          reject(new OwnerLost());
          return;
        }
        if (pending.size >= inFlightMax) {
          reject(new OperationalError('busy_retry', 'too many requests wait for the owner of the lane'));
          return;
        }
        lastId += 1;
        pending.set(lastId, { resolve, reject });
        messages.send(['request', lastId, deadlineMs, codec.encodeRequest(request)]);
      }),
    isFull: () => isFull || pending.size >= inFlightMax,
    isLost: () => isLost,
    check() {
      if (machineMs() - heardMs > SILENCE_MAX_MS) messages.destroy();
    },
    excuse() {
      heardMs = machineMs();
    },
    close: messages.end,
  };
  return greeted.promise;
}
