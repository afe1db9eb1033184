import type { RequestListener } from 'node:http';
import { infoLines, type Log } from '../../platform/observe/log.ts';
import { accessLogShare } from './access-log-share.ts';
import type { Exchange } from '../contract/exchange.ts';
import { headFault } from './head-fault.ts';
import { problem } from '../contract/problem.ts';
import { sendProblem } from './send-reply.ts';

/** Then the client gets a 503 whatever the handler is waiting for. Between the 5 s budget of a transaction and the gateway's 29 s. */
const REQUEST_DEADLINE_MS = 8000;
/** In the log, for a request whose client left before its answer; as nginx has it. */
const CLIENT_GONE = 499;
const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
const PATH_LOGGED_MAX = 200;
/** As long as a token; ids are 36. */
const TOKEN_LENGTH = 43;

export interface LifecycleOptions {
  readonly newRequestId: () => string;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Takes every answer once it is out, for the metrics. */
  readonly onAnswered?: (answer: { status: number; code: string | undefined; durationMs: number }) => void;
  /** Of successful reads, see access-log-share.ts; 100 where it is left out. */
  readonly accessLogPercent?: number;
  readonly log: Log;
}

const deadlinePassed = problem('busy_retry', { detail: 'The deadline of the request has passed.' });

/** Spread, so that everyone who is turned away does not come back at once. */
export function retryAfterS(random: () => number): number {
  return 1 + Math.floor(random() * 3);
}

/** Gives every request its id, its deadline and, when its answer is out, at most one log line; hands it on. */
export function requestLifecycle(
  { nowMs, newRequestId, random, onAnswered, accessLogPercent = 100, log }: LifecycleOptions,
  next: (exchange: Exchange) => void,
): RequestListener {
  const logLine = infoLines(log);
  return (request, response) => {
    const startMs = nowMs();
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
        // A body that is still on its way has a limit of its own.
        if (request.complete) sendProblem(exchange, deadlinePassed);
      }, REQUEST_DEADLINE_MS),
      caller: undefined,
      limitHeaders: undefined,
      code: undefined,
    };
    response.once('close', () => {
      clearTimeout(exchange.deadline);
      const { caller, code } = exchange;
      const durationMs = nowMs() - startMs;
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
        // So that whoever counts lines can multiply.
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
 * A client that puts its token into the address by mistake must not find it in the log, nor all of it but the last letter:
 * what stands between two slashes and is as long as a token is left out.
 */
function loggedPath(path: string): string {
  if (path.length < TOKEN_LENGTH) return path;
  let shown = '';
  // Part by part and no further than it is shown: a path may be as long as the header.
  for (let from = 0; from <= path.length && shown.length < PATH_LOGGED_MAX; ) {
    const slashAt = path.indexOf('/', from);
    const end = slashAt === -1 ? path.length : slashAt;
    shown += end - from < TOKEN_LENGTH ? path.slice(from, end) : '[redacted]';
    if (slashAt !== -1) shown += '/';
    from = end + 1;
  }
  return shown.slice(0, PATH_LOGGED_MAX);
}
