import type { RateLimiter, Taken } from '../../platform/load/rate-limiter.ts';
import type { AddressOf } from './client-address.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import type { Route } from '../contract/route.ts';

/** What requests are limited by; undefined turns one off. */
export interface RequestLimits {
  /** Requests with a session, by user. */
  readonly user: RateLimiter | undefined;
  /** Requests without one, by address. */
  readonly address: RateLimiter | undefined;
  /** Session tokens that open nothing, by address: each costs a command to Redis. */
  readonly token: RateLimiter | undefined;
  /** Sign-ups and log-ins, by address: each costs a hash. */
  readonly auth: RateLimiter | undefined;
  /** Questions for the dependencies, by address. */
  readonly status: RateLimiter | undefined;
}

export interface RequestLimitOptions {
  readonly limits: RequestLimits;
  readonly addressOf: AddressOf;
}

/** Visitors whose address is not known are one party. */
export const NO_ADDRESS = 'none';

/**
 * Counts a request without a session, or the problem 429. One whose address is not known is not limited, except at a
 * log-in, where nobody comes without one.
 */
export function limitVisitor(
  route: Pick<Route, 'rateLimit'>,
  exchange: Exchange,
  { limits, addressOf }: RequestLimitOptions,
): Problem | undefined | Promise<Problem | undefined> {
  const kind = route.rateLimit ?? 'address';
  const limiter = kind === 'none' ? undefined : limits[kind];
  if (limiter === undefined) return undefined;
  const address = addressOf(exchange.request);
  if (kind === 'auth') {
    return limiter.takeExactly(address ?? NO_ADDRESS).then((taken) => applyLimit(limiter, taken, exchange));
  }
  return address === undefined ? undefined : applyLimit(limiter, limiter.take(address), exchange);
}

/**
 * The problem 429 for a token that need not be looked up: from an address that has sent too many which opened nothing,
 * nobody comes in but who has come in or logged in here before. So guessed tokens are no way to have Redis asked without end.
 */
export function refuseUnknown(
  { request }: Exchange,
  { limits: { token: limiter }, addressOf }: RequestLimitOptions,
  isKnown: () => boolean,
): Problem | undefined {
  const spent = limiter?.exhaustedWindow(() => addressOf(request));
  if (spent === undefined || isKnown()) return undefined;
  return problem('rate_limited', { retryAfterS: Math.max(1, Math.ceil(spent.resetMs / 1000)) });
}

/** Counts a token that has opened nothing. */
export function countUnknown({ request }: Exchange, { limits, addressOf }: RequestLimitOptions): void {
  const address = limits.token && addressOf(request);
  if (address !== undefined) limits.token?.take(address);
}

/** Counts a request of a user, or the problem 429. */
export function limitUser(userId: string, exchange: Exchange, limits: RequestLimits): Problem | undefined {
  return limits.user && applyLimit(limits.user, limits.user.take(userId), exchange);
}

/** The answer will say where the client stands. */
function applyLimit(
  { limit }: RateLimiter,
  { isAllowed, left, resetMs }: Taken,
  exchange: Exchange,
): Problem | undefined {
  // Answers by address may be kept by a cache for everybody, so there only a refusal says it.
  if (limit.name === 'address' && isAllowed) return undefined;
  const resetS = Math.max(1, Math.ceil(resetMs / 1000));
  // draft-ietf-httpapi-ratelimit-headers-10: quota, window in seconds; what is left of it, seconds until its end.
  exchange.limitHeaders = {
    'RateLimit-Policy': `"${limit.name}";q=${limit.max};w=${limit.windowMs / 1000}`,
    RateLimit: `"${limit.name}";r=${left};t=${resetS}`,
  };
  return isAllowed ? undefined : problem('rate_limited', { retryAfterS: resetS });
}
