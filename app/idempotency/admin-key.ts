import { hash } from 'node:crypto';

/**
 * The stored form of an admin's idempotency key, 49 characters. For tables whose unique key has no column for
 * the caller: two admins may use the same key. Customers cannot send this form, because their keys contain no
 * spaces.
 */
export function adminKey(adminId: string, idempotencyKey: string): string {
  return `admin ${hash('sha256', `${adminId} ${idempotencyKey}`, 'base64url')}`;
}
