import type { RateLimiter, RateLimitResult } from '../../platform/load/rate-limiter.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import type { Route } from '../contract/route.ts';
import type { AddressOf } from './client-address.ts';

/** Limiters of requests; undefined turns one off. */
export interface RequestLimits {
  /** Requests with a session, per user. */
  readonly user: RateLimiter | undefined;
  /** Requests without a session, per address. */
  readonly address: RateLimiter | undefined;
  /** Invalid session tokens, per address: each costs a Redis command. */
  readonly token: RateLimiter | undefined;
  /** Sign-ups and log-ins, per address: each costs a password hash. */
  readonly auth: RateLimiter | undefined;
  /** `GET /status`, per address: it calls every dependency. */
  readonly status: RateLimiter | undefined;
}

export interface RequestLimitOptions {
  readonly limits: RequestLimits;
  readonly addressOf: AddressOf;
}

/** All visitors with an unknown address share one window. */
export const NO_ADDRESS = 'none';

/**
 * Counts a request without a session; resolves with the problem 429 once its address is over the limit. A
 * request with an unknown address is not limited, except at log-in.
 */
export async function limitVisitor(
  route: Pick<Route, 'rateLimit'>,
  exchange: Exchange,
  { limits, addressOf }: RequestLimitOptions,
): Promise<Problem | undefined> {
  const kind = route.rateLimit ?? 'address';
  const limiter = kind === 'none' ? undefined : limits[kind];
  if (limiter === undefined) return undefined;
  const address = addressOf(exchange.request);
  if (kind === 'auth') {
    return applyLimit(limiter, await limiter.consumeExactly(address ?? NO_ADDRESS), exchange);
  }
  return address === undefined ? undefined : applyLimit(limiter, limiter.consume(address), exchange);
}

/** Counts a user's request; returns the problem 429 once the user is over the limit. */
export function limitUser(userId: string, exchange: Exchange, limits: RequestLimits): Problem | undefined {
  return limits.user && applyLimit(limits.user, limits.user.consume(userId), exchange);
}

/**
 * Returns the problem 429, without a Redis lookup, once this address has sent too many invalid tokens, except
 * for tokens that this process has already accepted. Bounds the Redis load of token guessing.
 */
export function limitLookups(
  { request }: Exchange,
  { limits: { token: limiter }, addressOf }: RequestLimitOptions,
  isKnown: () => boolean,
): Problem | undefined {
  const exhausted = limiter?.exhaustedWindow(() => addressOf(request));
  if (exhausted === undefined || isKnown()) return undefined;
  return problem('rate_limited', { retryAfterS: wholeSeconds(exhausted.resetMs) });
}

export function countInvalidToken({ request }: Exchange, { limits, addressOf }: RequestLimitOptions): void {
  const address = limits.token && addressOf(request);
  if (address !== undefined) limits.token?.consume(address);
}

function applyLimit(
  { limit }: RateLimiter,
  { isAllowed, left, resetMs }: RateLimitResult,
  exchange: Exchange,
): Problem | undefined {
  // Shared caches may store replies to visitors, so only a rejection states the address's remaining requests.
  if (limit.name === 'address' && isAllowed) return undefined;
  const resetS = wholeSeconds(resetMs);
  // draft-ietf-httpapi-ratelimit-headers-10: quota and window in seconds; remaining requests and seconds to
  // the reset.
  exchange.limitHeaders = {
    'RateLimit-Policy': `"${limit.name}";q=${limit.max};w=${limit.windowMs / 1000}`,
    RateLimit: `"${limit.name}";r=${left};t=${resetS}`,
  };
  return isAllowed ? undefined : problem('rate_limited', { retryAfterS: resetS });
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
