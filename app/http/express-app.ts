import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Log } from '../platform/log.ts';
import { failureReason, OperationalError } from '../platform/operational-error.ts';
import { authGuard, type Authenticate } from './auth-guard.ts';
import { bodyErrorProblem } from './body-error-problem.ts';
import type { AddressOf } from './client-address.ts';
import { type Problem, problem } from './problem.ts';
import type { Caller, Reply, Route, Visitor } from './route.ts';
import { sendProblem, sendReply } from './send-reply.ts';
import { assertUtf8, validateRequest } from './validate-request.ts';

/** Largest request body. Fifty order lines are 4 KB. */
const BODY_MAX_BYTES = 64 * 1024;
/** Then the client gets a 503 whatever the handler is waiting for. Between the 5 s budget of a transaction and the gateway's 29 s. */
const REQUEST_DEADLINE_MS = 8000;

export interface ExpressAppOptions {
  readonly routes: readonly Route[];
  readonly authenticate: Authenticate;
  readonly allowedOrigins: readonly string[];
  readonly sessionCookieName: string;
  /** Express' setting: a number of hops, or addresses and subnets. */
  readonly trustProxy: number | readonly string[];
  readonly addressOf: AddressOf;
  readonly newRequestId: () => string;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Takes every answer once it is out, for the metrics. */
  readonly onAnswered?: (answer: { status: number; code: string | undefined; durationMs: number }) => void;
  readonly log: Log;
}

/**
 * The HTTP surface: every route goes through request id, access log, authentication, body, validation and
 * handler, in this order, so that a caller who may not come in costs no parsing.
 */
export function expressApp(options: ExpressAppOptions): Express {
  const { log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustProxy);

  app.use(beginRequest(options));
  const parsers = bodyParsers();
  const methodsByPath = new Map<string, string[]>();
  for (const route of options.routes) {
    methodsByPath.set(route.path, [...(methodsByPath.get(route.path) ?? []), route.method.toUpperCase()]);
    app[route.method](
      route.path,
      authGuard(route, options),
      ...(route.method === 'get' ? [] : parsers),
      (request: Request, response: Response) => serve(route, request, response, log),
    );
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, (request: Request, response: Response) => {
      response.setHeader('Allow', methods.join(', '));
      sendProblem(request, response, problem('method_not_allowed'));
    });
  }
  app.use((request: Request, response: Response) => sendProblem(request, response, problem('not_found')));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendProblem(request, response, errorProblem(error, response, log));
  });
  return app;
}

const deadlinePassed = problem('busy_retry', { detail: 'The deadline of the request has passed.' });

/** Spread, so that everyone who is turned away does not come back at once. */
export function retryAfterS(random: () => number): number {
  return 1 + Math.floor(random() * 3);
}

/** Request id, headers of every answer, and one log line when the answer is out. */
function beginRequest({ nowMs, newRequestId, random, onAnswered, log }: ExpressAppOptions): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const startMs = nowMs();
    const given = request.get('x-request-id');
    const requestId = given !== undefined && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : newRequestId();
    response.locals['requestId'] = requestId;
    response.locals['retryAfterS'] = retryAfterS(random);
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    const deadline = setTimeout(() => {
      // A body that is still on its way has a limit of its own.
      if (request.complete) sendProblem(request, response, deadlinePassed);
    }, REQUEST_DEADLINE_MS);
    response.locals['deadline'] = deadline;
    response.once('close', () => {
      clearTimeout(deadline);
      const caller = response.locals['caller'] as Caller | undefined;
      const durationMs = nowMs() - startMs;
      const code = response.locals['code'] as string | undefined;
      onAnswered?.({ status: response.statusCode, code, durationMs });
      log.info('http_request', {
        requestId,
        method: request.method,
        path: request.path.slice(0, 200),
        status: response.statusCode,
        completed: response.writableFinished,
        durationMs,
        userId: caller?.userId,
        code,
      });
    });
    if (request.httpVersion === '1.1' && request.get('host') === undefined) {
      sendProblem(request, response, problem('validation_failed', { detail: 'The Host header is missing.' }));
      return;
    }
    next();
  };
}

function bodyParsers(): RequestHandler[] {
  /** By its announced length: the parser would first read all of it and answer then. */
  const refuseLargeBody = (request: Request, response: Response, next: NextFunction) => {
    if (Number(request.get('content-length') ?? 0) > BODY_MAX_BYTES) {
      sendProblem(request, response, problem('payload_too_large'));
    } else {
      next();
    }
  };

  const parse = express.json({
    limit: BODY_MAX_BYTES,
    strict: true,
    inflate: false,
    verify: (_request, _response, bytes, encoding) => {
      if (encoding !== 'utf-8') throw Object.assign(new Error('not UTF-8'), { type: 'charset.unsupported' });
      assertUtf8(bytes);
    },
  });
  return [refuseLargeBody, parse];
}

async function serve(route: Route, request: Request, response: Response, log: Log): Promise<void> {
  // From the start again, for a request whose body took its time.
  (response.locals['deadline'] as NodeJS.Timeout).refresh();
  let outcome: Reply | Problem;
  try {
    const validated = validateRequest(route, request);
    outcome =
      'problem' in validated
        ? validated
        : await route.handle({
            ...validated,
            caller: response.locals['caller'] as Caller,
            visitor: response.locals['visitor'] as Visitor,
          } as never);
  } catch (error) {
    outcome = errorProblem(error, response, log);
  }
  if ('problem' in outcome) sendProblem(request, response, outcome);
  else sendReply(response, outcome);
}

/** Operational failures have a code of their own; anything else is a bug, logged whole and told to nobody. */
function errorProblem(error: unknown, response: Response, log: Log): Problem {
  const fromBody = bodyErrorProblem(error);
  if (fromBody !== undefined) return fromBody;
  const requestId = response.locals['requestId'] as string;
  if (error instanceof OperationalError) {
    // Expected under load and during a failure, by the thousand: what happened, without a stack.
    log.warn('request_failed', { requestId, code: error.code, reason: failureReason(error) });
    return problem(error.code);
  }
  log.error('request_crashed', { requestId, error });
  return problem('internal_error');
}
