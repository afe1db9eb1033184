/** Rate limiters of one process by their settings. Part of the composition root. */
import { createRateLimiter, type RateLimit, type RateLimiter } from '../platform/load/rate-limiter.ts';
import type { SharedCounts } from '../platform/redis/shared-counts.ts';
import { surroundings } from './adapters.ts';

/** Makes a limiter; undefined where the setting says `off`. */
export function createLimiter(counts: SharedCounts) {
  return (name: string, limit: Omit<RateLimit, 'name'> | undefined): RateLimiter | undefined =>
    limit && createRateLimiter({ limit: { name, ...limit }, counts, nowMs: surroundings.steadyMs });
}
