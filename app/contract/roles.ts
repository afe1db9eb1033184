/** What a process does. One process may have several roles. */
export const roles = ['api', 'worker', 'data-platform'] as const;

export type Role = (typeof roles)[number];
