import type { Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** The primary key of a stored reply. An idempotency key is unique per user and operation. */
export interface ReplyKey {
  readonly userId: string;
  /** Method and path of the route, such as `POST /admin/coupons`. */
  readonly operation: string;
  readonly idempotencyKey: string;
}

export interface StoredReply {
  readonly requestHash: Buffer;
  readonly claimId: string;
  /** Empty until its transaction stores the reply. */
  readonly reply: string;
}

/**
 * Claims the key, or locks the row of the request that holds it, and returns the row. Concurrent requests
 * with the same key wait for each other here. Locks one row by the primary key.
 */
export async function claimKey(
  tx: Transaction,
  key: ReplyKey,
  claim: { readonly claimId: string; readonly requestHash: Buffer; readonly at: Date },
): Promise<StoredReply> {
  await tx.write(
    `INSERT INTO idempotent_replies
       (user_id, operation, idempotency_key, request_hash, claim_id, reply, created_at)
     VALUES (?) ON DUPLICATE KEY UPDATE claim_id = claim_id`,
    [[...valuesOf(key), claim.requestHash, uuidBytes(claim.claimId), '', claim.at]],
  );
  const [row] = await tx.read<{ request_hash: Buffer; claim_id: Buffer; reply: string }>(
    `SELECT request_hash, claim_id, reply FROM idempotent_replies
     WHERE (user_id, operation, idempotency_key) = (?, ?, ?)`,
    valuesOf(key),
  );
  if (row === undefined) throw new Error('a claimed idempotency key has no row');
  return { requestHash: row.request_hash, claimId: uuidText(row.claim_id), reply: row.reply };
}

export async function storeReply(tx: Transaction, key: ReplyKey, reply: string): Promise<void> {
  await tx.write(
    'UPDATE idempotent_replies SET reply = ? WHERE (user_id, operation, idempotency_key) = (?, ?, ?)',
    [reply, ...valuesOf(key)],
  );
}

/** Deletes the claim, so that a rejected request leaves no key behind. */
export async function releaseKey(tx: Transaction, key: ReplyKey): Promise<void> {
  await tx.write(
    'DELETE FROM idempotent_replies WHERE (user_id, operation, idempotency_key) = (?, ?, ?)',
    valuesOf(key),
  );
}

function valuesOf({ userId, operation, idempotencyKey }: ReplyKey) {
  return [uuidBytes(userId), operation, idempotencyKey];
}
