import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AddressOf } from './client-address.ts';
import { problem } from './problem.ts';
import type { Caller, Route, Visitor } from './route.ts';
import { sendProblem } from './send-reply.ts';

/** Who a session token belongs to, or undefined. Throws OperationalError when that cannot be found out. */
export type Authenticate = (token: string) => Promise<Caller | undefined>;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export interface AuthGuardOptions {
  readonly authenticate: Authenticate;
  readonly allowedOrigins: readonly string[];
  readonly sessionCookieName: string;
  readonly addressOf: AddressOf;
}

/** Visitors whose address is not known are one party. */
const NO_ADDRESS = 'none';

/**
 * Lets a request through to its route, or answers 401, 403 or (sessions unreachable) 503. A cookie counts on
 * unsafe methods only together with an Origin that is the shop's own or allowed: another site can make a
 * browser send the cookie but cannot choose the Origin. A bearer token needs no such check.
 */
export function authGuard(route: Route, options: AuthGuardOptions): RequestHandler {
  const { authenticate, allowedOrigins, sessionCookieName } = options;
  if (route.readsVisitor === true) return visitorGuard(options);
  if (route.access === 'anyone') return (_request, _response, next) => next();
  return async (request: Request, response: Response, next: NextFunction) => {
    const presented = presentedToken(request, sessionCookieName);
    const caller = presented === undefined ? undefined : await authenticate(presented.token);
    if (presented === undefined || caller === undefined) {
      sendProblem(request, response, problem('unauthenticated'));
      return;
    }
    response.locals['caller'] = caller;
    if (
      presented.by === 'cookie' &&
      !SAFE_METHODS.has(request.method) &&
      !isOwnOrigin(request, allowedOrigins)
    ) {
      sendProblem(request, response, problem('origin_not_allowed'));
      return;
    }
    if (route.access === 'admin' && caller.role !== 'admin') {
      sendProblem(request, response, problem('forbidden'));
      return;
    }
    next();
  };
}

function visitorGuard({ addressOf, allowedOrigins, sessionCookieName }: AuthGuardOptions): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.get('origin') !== undefined && !isOwnOrigin(request, allowedOrigins)) {
      sendProblem(request, response, problem('origin_not_allowed'));
      return;
    }
    response.locals['visitor'] = {
      address: addressOf(request) ?? NO_ADDRESS,
      token: presentedToken(request, sessionCookieName)?.token,
    } satisfies Visitor;
    next();
  };
}

function presentedToken(
  request: Request,
  cookieName: string,
): { token: string; by: 'bearer' | 'cookie' } | undefined {
  const header = request.get('authorization');
  if (header !== undefined) {
    const token = /^Bearer ([^ ]+)$/i.exec(header)?.[1];
    return token !== undefined && TOKEN.test(token) ? { token, by: 'bearer' } : undefined;
  }
  for (const pair of (request.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value !== undefined && TOKEN.test(value)) {
      return { token: value, by: 'cookie' };
    }
  }
  return undefined;
}

function isOwnOrigin(request: Request, allowedOrigins: readonly string[]): boolean {
  const origin = request.get('origin');
  if (origin === undefined) return false;
  return origin === `${request.protocol}://${request.host}` || allowedOrigins.includes(origin);
}
