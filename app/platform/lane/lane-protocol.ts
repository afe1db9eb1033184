/**
 * What a process that owns a lane and the processes that forward to it say to each other. Changing it takes
 * another number, so that processes of two releases do not meet.
 */
export const LANE_PROTOCOL = 1;

/** From a process that forwards: execute this request by then, or not at all. */
export type Forwarded = readonly ['request', id: number, deadlineMs: number, request: unknown];

/** Sent by the owner. */
export type OwnerMessage =
  /** Sent first, then every HEARTBEAT_MS and whenever it changes whether the queue is full. */
  | readonly ['alive', isFull: boolean]
  | readonly ['result', id: number, result: unknown]
  /** An OperationalError. */
  | readonly ['failure', id: number, code: string, message: string]
  /** Any other error. */
  | readonly ['crash', id: number, message: string]
  /** The owner stops: it answers what it has received and takes nothing more. */
  | readonly ['leaving'];

export const HEARTBEAT_MS = 200;
/** An owner that has said nothing for this long counts as frozen. */
export const SILENCE_MAX_MS = 800;
/** Longest wait for the first message of an owner: a frozen one accepts connections and says nothing. */
export const GREETING_MAX_MS = 200;

/** Requests and results as they travel: JSON values. */
export interface LaneCodec<Request, Result> {
  encodeRequest(request: Request): unknown;
  /** Throws for anything that `encodeRequest` does not return. */
  decodeRequest(value: unknown): Request;
  encodeResult(result: Result): unknown;
  decodeResult(value: unknown): Result;
}
