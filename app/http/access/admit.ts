import type { IncomingMessage } from 'node:http';
import { parseCookie } from 'cookie';
import { adminRoleOf, includesRole } from '../contract/admin-role.ts';
import { CART_TOKEN_HEADER } from '../contract/cookie-names.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import type { Caller, Route, Visitor } from '../contract/route.ts';
import {
  countInvalidToken,
  limitLookups,
  limitUser,
  limitVisitor,
  NO_ADDRESS,
  type RequestLimitOptions,
} from './request-limits.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export interface Authenticator {
  /** Finds the caller of a session token, or undefined. Throws OperationalError when the lookup fails. */
  authenticate(token: string): Promise<Caller | undefined>;
  /** Whether this process has issued the token or accepted it recently. */
  hasOpened(token: string): boolean;
}

export interface AdmitOptions extends RequestLimitOptions {
  readonly authentication: Authenticator;
  readonly allowedOrigins: readonly string[];
  readonly sessionCookieName: string;
  readonly cartCookieName: string;
  readonly trustedProxies: TrustedProxies;
}

interface PresentedToken {
  readonly token: string;
  readonly by: 'header' | 'cookie';
}

/** `visitor` is present where the route asks for one. */
export interface Admission {
  readonly visitor: Visitor | undefined;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * Decides whether a request may reach its route's handler: identify the caller, apply the rate limit, require
 * a session, check the origin, check the role. Resolves with the problem 401, 403 or 429 otherwise. Sets
 * `exchange.caller`. Throws OperationalError when sessions are unavailable.
 */
export async function admit(
  route: Route,
  exchange: Exchange,
  options: AdmitOptions,
): Promise<Admission | Problem> {
  const { request } = exchange;
  const session = presentedSession(request, options.sessionCookieName);
  const found =
    route.access === 'anyone' || session === undefined
      ? undefined
      : await findCaller(session.token, exchange, options);
  if (found !== undefined && 'problem' in found) return found;
  exchange.caller = found;

  const limited =
    found === undefined
      ? await limitVisitor(route, exchange, options)
      : limitUser(found.userId, exchange, options.limits);
  if (limited !== undefined) return limited;
  if (found === undefined && needsSession(route, request)) return problem('unauthenticated');

  const cart = readsVisitor(route) ? presentedCart(request, options.cartCookieName) : undefined;
  const credential = found === undefined ? cart : session;
  if (needsOwnOrigin(route, request, credential) && !isOwnOrigin(request, options)) {
    return problem('origin_not_allowed');
  }
  if (lacksRole(route, found)) return problem('forbidden');
  if (!readsVisitor(route)) return { visitor: undefined };
  return {
    visitor: {
      address: options.addressOf(request) ?? NO_ADDRESS,
      token: session?.token,
      cartToken: cart?.token,
      ...(found === undefined ? {} : { caller: found }),
    },
  };
}

function lacksRole({ access }: Route, caller: Caller | undefined): boolean {
  const needed = adminRoleOf(access);
  if (needed === undefined) return false;
  return caller?.adminRole === undefined || !includesRole(caller.adminRole, needed);
}

async function findCaller(
  token: string,
  exchange: Exchange,
  options: AdmitOptions,
): Promise<Caller | Problem | undefined> {
  const { authentication } = options;
  const limited = limitLookups(exchange, options, () => authentication.hasOpened(token));
  if (limited !== undefined) return limited;
  const caller = await authentication.authenticate(token);
  if (caller === undefined) countInvalidToken(exchange, options);
  return caller;
}

function readsVisitor({ access, readsVisitor: reads }: Route): boolean {
  return access === 'shopper' || reads === true;
}

/**
 * A guest may shop, unless their bearer token is invalid: that is an error. An expired cookie makes its owner
 * a guest.
 */
function needsSession({ access }: Route, { headers }: IncomingMessage): boolean {
  if (access === 'anyone') return false;
  return access !== 'shopper' || headers.authorization !== undefined;
}

/**
 * Another site can make a browser send a cookie but cannot choose the Origin header. So unsafe requests with
 * a cookie need an own origin. So do unsafe requests of new guests, whose response sets a cookie, and every
 * request that could log a browser in or out. A bearer token needs none: only its owner can send it.
 */
function needsOwnOrigin(
  route: Route,
  { method, headers }: IncomingMessage,
  credential: PresentedToken | undefined,
): boolean {
  if (route.access === 'anyone') return route.readsVisitor === true && headers.origin !== undefined;
  if (SAFE_METHODS.has(method ?? '')) return false;
  return credential === undefined ? headers.origin !== undefined : credential.by === 'cookie';
}

function isOwnOrigin(request: IncomingMessage, { allowedOrigins, trustedProxies }: AdmitOptions): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return origin === trustedProxies.originOf(request) || allowedOrigins.includes(origin);
}

function presentedSession({ headers }: IncomingMessage, cookieName: string): PresentedToken | undefined {
  if (headers.authorization === undefined) return tokenInCookie(headers.cookie, cookieName);
  const token = /^Bearer ([^ ]+)$/i.exec(headers.authorization)?.[1];
  return token !== undefined && TOKEN.test(token) ? { token, by: 'header' } : undefined;
}

function presentedCart({ headers }: IncomingMessage, cookieName: string): PresentedToken | undefined {
  const token = headers[CART_TOKEN_HEADER.toLowerCase()];
  if (typeof token !== 'string') return tokenInCookie(headers.cookie, cookieName);
  return TOKEN.test(token) ? { token, by: 'header' } : undefined;
}

function tokenInCookie(header: string | undefined, cookieName: string): PresentedToken | undefined {
  if (header === undefined) return undefined;
  // A value that is no token is skipped, so a planted cookie of the same name hides nothing.
  const token = parseCookie(header, { decode: (value) => (TOKEN.test(value) ? value : undefined) })[
    cookieName
  ];
  return token === undefined ? undefined : { token, by: 'cookie' };
}
