import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';
import { type Problem, problem } from './problem.ts';
import { limitUser, limitVisitor, NO_ADDRESS, type RateGuardOptions } from './rate-guard.ts';
import type { Caller, Route, Visitor } from './route.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Who a session token belongs to, or undefined. Throws OperationalError when that cannot be found out. */
export type Authenticate = (token: string) => Promise<Caller | undefined>;

export interface AuthGuardOptions extends RateGuardOptions {
  readonly authenticate: Authenticate;
  readonly allowedOrigins: readonly string[];
  readonly sessionCookieName: string;
  readonly trustedProxies: TrustedProxies;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * The caller whom a route lets in, or the problem 401, 403 or 429. Throws OperationalError when sessions cannot be reached.
 * A cookie counts on unsafe methods only together with an Origin that is the shop's own or allowed: another site can
 * make a browser send the cookie but cannot choose the Origin. A bearer token needs no such check.
 */
export async function authGuard(
  route: Route,
  exchange: Exchange,
  options: AuthGuardOptions,
): Promise<Caller | Problem> {
  const { request } = exchange;
  const presented = presentedToken(request, options.sessionCookieName);
  const caller = presented === undefined ? undefined : await options.authenticate(presented.token);
  if (presented === undefined || caller === undefined) {
    return (await limitVisitor(route, exchange, options)) ?? problem('unauthenticated');
  }
  exchange.caller = caller;
  const refusal = limitUser(caller.userId, exchange, options.limits);
  if (refusal !== undefined) return refusal;
  if (
    presented.by === 'cookie' &&
    !SAFE_METHODS.has(request.method ?? '') &&
    !isOwnOrigin(request, options)
  ) {
    return problem('origin_not_allowed');
  }
  if (route.access === 'admin' && caller.role !== 'admin') return problem('forbidden');
  return caller;
}

/**
 * Who visits a route that anyone may call and that reads an earlier session, or the problem 403: a page of another site must
 * not log a browser in or out.
 */
export function visitorOf(request: IncomingMessage, options: AuthGuardOptions): Visitor | Problem {
  if (request.headers.origin !== undefined && !isOwnOrigin(request, options)) {
    return problem('origin_not_allowed');
  }
  return {
    address: options.addressOf(request) ?? NO_ADDRESS,
    token: presentedToken(request, options.sessionCookieName)?.token,
  };
}

function presentedToken(
  { headers }: IncomingMessage,
  cookieName: string,
): { token: string; by: 'bearer' | 'cookie' } | undefined {
  if (headers.authorization !== undefined) {
    const token = /^Bearer ([^ ]+)$/i.exec(headers.authorization)?.[1];
    return token !== undefined && TOKEN.test(token) ? { token, by: 'bearer' } : undefined;
  }
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value !== undefined && TOKEN.test(value)) {
      return { token: value, by: 'cookie' };
    }
  }
  return undefined;
}

function isOwnOrigin(
  request: IncomingMessage,
  { allowedOrigins, trustedProxies }: AuthGuardOptions,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return origin === trustedProxies.originOf(request) || allowedOrigins.includes(origin);
}
