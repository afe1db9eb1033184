import { hash } from 'node:crypto';

/**
 * The stored form of an admin's key where the table's unique key has no column for the sender: two admins may use one key,
 * and no customer can send it, because a key has no blanks. 49 characters.
 */
export function adminKey(adminId: string, idempotencyKey: string): string {
  return `admin ${hash('sha256', `${adminId} ${idempotencyKey}`, 'base64url')}`;
}
