import type { RequestListener } from 'node:http';
import { infoLines, type Log } from '../../platform/observe/log.ts';
import { accessLogShare } from './access-log-share.ts';
import type { Exchange } from '../contract/exchange.ts';
import { headFault } from './head-fault.ts';
import { problem } from '../contract/problem.ts';
import { sendProblem } from './send-reply.ts';

/**
 * Then the client gets 503, even if the handler still waits. Between a transaction's budget of 5 s and the
 * gateway's 29 s.
 */
const REQUEST_DEADLINE_MS = 8000;
/** Logged when the client left before the response; nginx uses the same code. */
const CLIENT_GONE = 499;
const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
const PATH_LOGGED_MAX = 200;
/** Path segments this long may be session tokens and are redacted from the log; ids have 36 characters. */
const TOKEN_LENGTH = 43;

export interface LifecycleOptions {
  readonly newRequestId: () => string;
  /** Measures durations; never set back. */
  readonly steadyMs: () => number;
  readonly random: () => number;
  /** Called with every response once it is sent, for the metrics. */
  readonly onAnswered?: (answer: { status: number; code: string | undefined; durationMs: number }) => void;
  /** Share of successful reads that is logged, see access-log-share.ts. Default: 100. */
  readonly accessLogPercent?: number;
  readonly log: Log;
}

const deadlinePassed = problem('busy_retry', { detail: 'The deadline of the request has passed.' });

/** 1 to 3 s at random, so that shed clients do not all return at once. */
export function retryAfterS(random: () => number): number {
  return 1 + Math.floor(random() * 3);
}

/**
 * Gives each request an id and a deadline, passes it on, and writes at most one log line after its response.
 */
export function requestLifecycle(
  { steadyMs, newRequestId, random, onAnswered, accessLogPercent = 100, log }: LifecycleOptions,
  next: (exchange: Exchange) => void,
): RequestListener {
  const logLine = infoLines(log);
  return (request, response) => {
    const startMs = steadyMs();
    const given = request.headers['x-request-id'];
    const { url = '' } = request;
    const queryAt = url.indexOf('?');
    const exchange: Exchange = {
      request,
      response,
      requestId: typeof given === 'string' && REQUEST_ID.test(given) ? given : newRequestId(),
      path: queryAt === -1 ? url : url.slice(0, queryAt),
      query: queryAt === -1 ? '' : url.slice(queryAt + 1),
      retryAfterS: retryAfterS(random),
      deadline: setTimeout(() => {
        // A body that is still arriving has its own timeout.
        if (request.complete) sendProblem(exchange, deadlinePassed);
      }, REQUEST_DEADLINE_MS),
      caller: undefined,
      limitHeaders: undefined,
      code: undefined,
    };
    response.once('close', () => {
      clearTimeout(exchange.deadline);
      const { caller, code } = exchange;
      const durationMs = steadyMs() - startMs;
      const status = response.headersSent ? response.statusCode : CLIENT_GONE;
      onAnswered?.({ status, code, durationMs });
      const { method } = request;
      const completed = response.writableFinished;
      const percent = accessLogShare({ method, status, completed, durationMs }, accessLogPercent, random);
      if (percent === undefined) return;
      logLine('http_request', {
        requestId: exchange.requestId,
        method,
        path: loggedPath(exchange.path),
        status,
        // Readers that count lines multiply by this.
        percent: percent === 100 ? undefined : percent,
        completed: completed ? undefined : false,
        durationMs,
        userId: caller?.userId,
        code,
      });
    });
    const fault = headFault(request);
    if (fault !== undefined) {
      sendProblem(exchange, fault);
      return;
    }
    next(exchange);
  };
}

/**
 * Redacts path segments that are as long as a token: a client may put its token into the path by mistake.
 * Works on whole segments, so that no truncated token is logged either.
 */
function loggedPath(path: string): string {
  if (path.length < TOKEN_LENGTH) return path;
  let shown = '';
  // Stops at the logged length: a path may be as long as the head.
  for (let from = 0; from <= path.length && shown.length < PATH_LOGGED_MAX; ) {
    const slashAt = path.indexOf('/', from);
    const end = slashAt === -1 ? path.length : slashAt;
    shown += end - from < TOKEN_LENGTH ? path.slice(from, end) : '[redacted]';
    if (slashAt !== -1) shown += '/';
    from = end + 1;
  }
  return shown.slice(0, PATH_LOGGED_MAX);
}
