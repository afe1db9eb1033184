/** Roles of admins. Each may do what the ones before it may, and more. */
export const adminRoles = ['viewer', 'operator', 'owner'] as const;

export type AdminRole = (typeof adminRoles)[number];

/** Whether an admin with this role may call a route that asks for `needed`. */
export function includesRole(role: AdminRole, needed: AdminRole): boolean {
  return adminRoles.indexOf(role) >= adminRoles.indexOf(needed);
}

/** The role that a route's access asks for; undefined for routes that are not for admins. */
export function adminRoleOf(access: string): AdminRole | undefined {
  return adminRoles.find((role) => role === access);
}
