import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProblemCode } from './problem-table.ts';
import type { Caller } from './route.ts';

/** One request and its response, with what is known about them so far. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** The request target without its query. */
  readonly path: string;
  /** The query behind the `?`, not decoded. */
  readonly query: string;
  /** Delay after which a rejected client may retry. */
  readonly retryAfterS: number;
  readonly deadline: NodeJS.Timeout;
  caller: Caller | undefined;
  /** Rate-limit headers of the response. */
  limitHeaders: Readonly<Record<string, string>> | undefined;
  /** The problem's code, when the response is a problem. */
  code: ProblemCode | undefined;
}
