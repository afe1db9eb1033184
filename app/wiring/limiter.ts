/** Rate limiters of one process by their settings. Part of the composition root. */
import { createLogInThrottle } from '../accounts/log-in-throttle.ts';
import type { ApiConfig } from '../config/api.ts';
import { createRateLimiter, type RateLimit, type RateLimiter } from '../platform/load/rate-limiter.ts';
import type { SharedCounts } from '../platform/redis/shared-counts.ts';
import { surroundings } from './adapters.ts';

/** Makes a limiter; undefined where the setting says `off`. */
export function createLimiter(counts: SharedCounts) {
  return (name: string, limit: Omit<RateLimit, 'name'> | undefined): RateLimiter | undefined =>
    limit && createRateLimiter({ limit: { name, ...limit }, counts, nowMs: surroundings.steadyMs });
}

/** Failed log-ins, counted by address, by account and by both. */
export function logInThrottle(config: ApiConfig, counts: SharedCounts) {
  const limiter = createLimiter(counts);
  return createLogInThrottle({
    limits: {
      pair: limiter('login-pair', config.LOGIN_FAILURES_PAIR),
      address: limiter('login-address', config.LOGIN_FAILURES_ADDRESS),
      account: limiter('login-account', config.LOGIN_FAILURES_ACCOUNT),
    },
    counts,
  });
}
