import type { RequestListener } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { requestLifecycle, type LifecycleOptions } from './request-lifecycle.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import type { Route } from '../contract/route.ts';
import { limitVisitor } from '../access/request-limits.ts';
import { sendProblem } from './send-reply.ts';
import { errorProblem, serveRoute, type ServeRouteOptions } from './serve-route.ts';

const notWellFormed = problem('validation_failed', { detail: 'The address is not well-formed.' });

export interface ExpressAppOptions extends LifecycleOptions, ServeRouteOptions {
  readonly routes: readonly Route[];
  /** Serves paths that belong to a page and returns whether it did. */
  readonly servePages?: ((exchange: Exchange) => boolean) | undefined;
}

/**
 * The HTTP surface. Requests whose path equals a route's path go straight to that route. Express finds routes
 * with path parameters and answers unknown paths and methods.
 */
export function expressApp(options: ExpressAppOptions): RequestListener {
  const { routes, servePages, log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // validateRequest parses queries.
  app.disable('query parser');

  // Unknown paths count against the visitor's limit too: each request is a log line.
  const refuse = async (exchange: Exchange, outcome: Problem): Promise<void> => {
    sendProblem(exchange, (await limitVisitor({}, exchange, options)) ?? outcome);
  };
  const routeByAddress = new Map<string, Route>();
  const methodsByPath = new Map<string, string[]>();
  for (const route of routes) {
    const method = route.method.toUpperCase();
    if (!route.path.includes(':')) routeByAddress.set(`${method} ${route.path}`, route);
    methodsByPath.set(route.path, [...(methodsByPath.get(route.path) ?? []), method]);
    app[route.method](route.path, (request: Request, response: Response) =>
      serveRoute(route, exchangeOf(response), request.params, options),
    );
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, (_request: Request, response: Response) => {
      response.setHeader('Allow', methods.join(', '));
      return refuse(exchangeOf(response), problem('method_not_allowed'));
    });
  }
  app.use((_request: Request, response: Response) => refuse(exchangeOf(response), problem('not_found')));
  // Express recognises an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const exchange = exchangeOf(response);
    sendProblem(exchange, routerProblem(error) ?? errorProblem(error, exchange, log));
  });

  return requestLifecycle(options, (exchange) => {
    const { request, response, path } = exchange;
    const route = routeByAddress.get(`${request.method} ${path}`);
    if (route !== undefined) {
      void serveRoute(route, exchange, undefined, options);
      return;
    }
    if (servePages?.(exchange) === true) return;
    Object.assign(response, { locals: { exchange } });
    // The router looks for no handler when it cannot parse the target, such as `http://[`.
    app(request as Request, response as Response, () => sendProblem(exchange, notWellFormed));
  });
}

function exchangeOf(response: Response): Exchange {
  return response.locals['exchange'] as Exchange;
}

/** The problem for an address that the router cannot decode, or undefined for another error. */
function routerProblem(error: unknown): ReturnType<typeof problem> | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return error instanceof URIError || (typeof status === 'number' && status >= 400 && status < 500)
    ? notWellFormed
    : undefined;
}
