import { z } from 'zod';
import { adminRoles } from '../http/contract/admin-role.ts';
import { idSchema, timeSchema } from '../http/contract/schemas.ts';
import type { User } from './user-sql.ts';

export const accountSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    role: z.enum(['customer', 'admin']),
    adminRole: z
      .enum(adminRoles)
      .nullable()
      .meta({ description: 'What an admin may do; null for customers.' }),
    createdAt: timeSchema,
  })
  .meta({ title: 'Account' });

export function accountReply({
  id,
  email,
  role,
  adminRole,
  createdAt,
}: Pick<User, 'id' | 'email' | 'role' | 'adminRole' | 'createdAt'>) {
  return { id, email, role, adminRole: adminRole ?? null, createdAt };
}
