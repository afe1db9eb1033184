/** The balancer's health check; the rehearsal of a release uses the same one. */
export const healthCheck = {
  /** Healthy means booted, migrated and not draining. A dead database must not remove the whole fleet. */
  path: '/readyz',
  intervalS: 10,
  timeoutS: 3,
  healthyCount: 2,
  unhealthyCount: 2,
} as const;
