import type { IncomingMessage } from 'node:http';
import { CART_TOKEN_HEADER } from '../contract/cookie-names.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import {
  countUnknown,
  limitUser,
  limitVisitor,
  NO_ADDRESS,
  type RequestLimitOptions,
  refuseUnknown,
} from './request-limits.ts';
import type { Caller, Route, Visitor } from '../contract/route.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export interface Authenticator {
  /** Who a session token belongs to, or undefined. Throws OperationalError when that cannot be found out. */
  authenticate(token: string): Promise<Caller | undefined>;
  /** Whether the token has opened a session in this process lately, or was given out by it. */
  hasOpened(token: string): boolean;
}

export interface AdmitOptions extends RequestLimitOptions {
  readonly authentication: Authenticator;
  readonly allowedOrigins: readonly string[];
  readonly sessionCookieName: string;
  readonly cartCookieName: string;
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
  options: AdmitOptions,
): Promise<Caller | Problem> {
  const { request } = exchange;
  const presented = presentedToken(request, options.sessionCookieName);
  const caller = presented && (await callerOf(presented.token, exchange, options));
  if (caller !== undefined && 'problem' in caller) return caller;
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
export function visitorOf(request: IncomingMessage, options: AdmitOptions): Visitor | Problem {
  if (request.headers.origin !== undefined && !isOwnOrigin(request, options)) {
    return problem('origin_not_allowed');
  }
  return {
    address: options.addressOf(request) ?? NO_ADDRESS,
    token: presentedToken(request, options.sessionCookieName)?.token,
    cartToken: presentedCartToken(request, options.cartCookieName)?.token,
  };
}

/**
 * Who comes with a cart, or the problem 401, 403 or 429: the user of a session or, without one, a guest. A bearer token that
 * opens no session is an error and no guest; a cookie that has outlived its session is one. A cookie of either kind counts
 * on unsafe methods only together with an own Origin, and so does a request that brings none: its answer would set one.
 */
export async function shopperOf(
  route: Route,
  exchange: Exchange,
  options: AdmitOptions,
): Promise<Visitor | Problem> {
  const { request } = exchange;
  const presented = presentedToken(request, options.sessionCookieName);
  const caller = presented && (await callerOf(presented.token, exchange, options));
  if (caller !== undefined && 'problem' in caller) return caller;
  exchange.caller = caller;
  const refusal =
    caller === undefined
      ? await limitVisitor(route, exchange, options)
      : limitUser(caller.userId, exchange, options.limits);
  if (refusal !== undefined) return refusal;
  if (caller === undefined && request.headers.authorization !== undefined) return problem('unauthenticated');
  const cart = presentedCartToken(request, options.cartCookieName);
  const by = caller === undefined ? cart?.by : presented?.by;
  const needsOwnOrigin = by === 'cookie' || (by === undefined && request.headers.origin !== undefined);
  if (needsOwnOrigin && !SAFE_METHODS.has(request.method ?? '') && !isOwnOrigin(request, options)) {
    return problem('origin_not_allowed');
  }
  return {
    address: options.addressOf(request) ?? NO_ADDRESS,
    token: presented?.token,
    cartToken: cart?.token,
    ...(caller === undefined ? {} : { caller }),
  };
}

async function callerOf(
  token: string,
  exchange: Exchange,
  options: AdmitOptions,
): Promise<Caller | Problem | undefined> {
  const { authentication } = options;
  const refusal = refuseUnknown(exchange, options, () => authentication.hasOpened(token));
  if (refusal !== undefined) return refusal;
  const caller = await authentication.authenticate(token);
  if (caller === undefined) countUnknown(exchange, options);
  return caller;
}

function presentedCartToken(
  { headers }: IncomingMessage,
  cookieName: string,
): { token: string; by: 'header' | 'cookie' } | undefined {
  const token = headers[CART_TOKEN_HEADER.toLowerCase()];
  if (typeof token === 'string') return TOKEN.test(token) ? { token, by: 'header' } : undefined;
  const cookie = tokenInCookie(headers.cookie, cookieName);
  return cookie === undefined ? undefined : { token: cookie, by: 'cookie' };
}

function presentedToken(
  { headers }: IncomingMessage,
  cookieName: string,
): { token: string; by: 'bearer' | 'cookie' } | undefined {
  if (headers.authorization !== undefined) {
    const token = /^Bearer ([^ ]+)$/i.exec(headers.authorization)?.[1];
    return token !== undefined && TOKEN.test(token) ? { token, by: 'bearer' } : undefined;
  }
  const cookie = tokenInCookie(headers.cookie, cookieName);
  return cookie === undefined ? undefined : { token: cookie, by: 'cookie' };
}

function tokenInCookie(header: string | undefined, cookieName: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value !== undefined && TOKEN.test(value)) return value;
  }
  return undefined;
}

function isOwnOrigin(
  request: IncomingMessage,
  { allowedOrigins, trustedProxies }: AdmitOptions,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return origin === trustedProxies.originOf(request) || allowedOrigins.includes(origin);
}
