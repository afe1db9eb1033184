/** How the balancer finds out who may serve. The rehearsal of a release asks in the same way. */
export const healthCheck = {
  /** Booted, migrated and not draining; a dead database must not take the whole fleet out. */
  path: '/readyz',
  intervalS: 10,
  timeoutS: 3,
  healthyCount: 2,
  unhealthyCount: 2,
} as const;
