import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProblemCode } from './problem-table.ts';
import type { Caller } from './route.ts';

/** One request and its answer, with what has been found out about them so far. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** The address up to its query. */
  readonly path: string;
  /** What follows the `?`, not decoded. */
  readonly query: string;
  /** When a client who is sent away may come back. */
  readonly retryAfterS: number;
  readonly deadline: NodeJS.Timeout;
  caller: Caller | undefined;
  /** Where the client stands with what it is limited by, for the answer. */
  limitHeaders: Readonly<Record<string, string>> | undefined;
  /** Of the problem that was the answer. */
  code: ProblemCode | undefined;
}
