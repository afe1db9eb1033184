import { type Problem, problemBody } from '../contract/problem.ts';
import { problemTable } from '../contract/problem-table.ts';

export interface ProblemMessage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
}

export interface ProblemContext {
  /** Path of the request; empty when it could not be read. */
  readonly path: string;
  readonly requestId: string;
  /** Retry-After of a 503 whose problem names no delay. */
  readonly retryAfterS: number;
}

/** Headers of every response. */
export function commonHeaders(requestId: string): Record<string, string> {
  return {
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
}

/**
 * Status, headers and body of a problem, for every way of sending one: as a reply, while shedding, on a raw
 * socket.
 */
export function problemMessage(
  outcome: Problem,
  { path, requestId, retryAfterS }: ProblemContext,
): ProblemMessage {
  const { status } = problemTable[outcome.problem];
  const waitS = outcome.retryAfterS ?? (status === 503 ? retryAfterS : undefined);
  const body = JSON.stringify(problemBody(outcome, { instance: path, traceId: requestId }));
  return {
    status,
    headers: {
      ...commonHeaders(requestId),
      'Cache-Control': 'no-store',
      'Content-Type': 'application/problem+json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      ...(waitS === undefined ? {} : { 'Retry-After': String(waitS) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    },
    body,
  };
}
