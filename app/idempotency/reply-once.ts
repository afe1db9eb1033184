import { type Problem, problem } from '../http/contract/problem.ts';
import { REPLAYED_HEADER } from '../http/contract/request-hash.ts';
import type { Reply } from '../http/contract/route.ts';
import type { Database, Transaction } from '../platform/mysql/database.ts';
import { claimKey, releaseKey, type ReplyKey, storeReply } from './reply-sql.ts';

export interface ReplyOnceDependencies {
  readonly database: Database;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export interface KeyedRequest extends Omit<ReplyKey, 'idempotencyKey'> {
  /** If undefined, a repeated request is executed again. */
  readonly idempotencyKey: string | undefined;
  /** Covers everything that the request contains. */
  readonly requestHash: Buffer;
}

/**
 * Runs `work` in one transaction that also stores its reply under the idempotency key.
 *
 * - Same key, same request: returns the stored reply with `Idempotent-Replayed`; `work` does not run.
 * - Same key, another request: returns `idempotency_key_reused`.
 * - No key: just runs `work`.
 *
 * If `work` returns a problem, the key is released, so `work` must not have written anything then. Throws
 * OperationalError; repeating the same request with its key is then safe.
 */
export async function replyOnce(
  { database, newId, nowMs }: ReplyOnceDependencies,
  { requestHash, idempotencyKey, ...request }: KeyedRequest,
  work: (tx: Transaction) => Promise<Reply | Problem>,
): Promise<Reply | Problem> {
  const name = request.operation;
  if (idempotencyKey === undefined) return database.withTransaction({ name, rerunnable: false }, work);
  const key = { ...request, idempotencyKey };
  const claimId = newId();
  return database.withTransaction({ name, rerunnable: true }, async (tx) => {
    const stored = await claimKey(tx, key, { claimId, requestHash, at: new Date(nowMs()) });
    if (!stored.requestHash.equals(requestHash)) return problem('idempotency_key_reused');
    if (stored.reply !== '') {
      const reply = JSON.parse(stored.reply) as Reply;
      // No replay if an earlier run of this same request was committed but its COMMIT got no response.
      return stored.claimId === claimId
        ? reply
        : { ...reply, headers: { ...reply.headers, ...REPLAYED_HEADER } };
    }
    const outcome = await work(tx);
    if ('problem' in outcome) await releaseKey(tx, key);
    else await storeReply(tx, key, JSON.stringify(outcome));
    return outcome;
  });
}
