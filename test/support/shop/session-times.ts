import type { SessionTimesByRole } from '../../../app/accounts/sessions.ts';

/** Longer than any test, for sessions that a test itself puts into Redis. */
export const sessionTimes: SessionTimesByRole = {
  customer: { idleS: 1800, ttlMaxS: 604_800 },
  admin: { idleS: 1800, ttlMaxS: 604_800 },
};
