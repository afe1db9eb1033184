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
  /** Without one a repeated request happens again. */
  readonly idempotencyKey: string | undefined;
  /** Over everything that the request asks for. */
  readonly requestHash: Buffer;
}

/**
 * Runs `work` in one transaction that also stores its reply under the idempotency key. The same request with the same key
 * gets that reply again, with `Idempotent-Replayed`, and `work` does not run; another request with the key gets
 * `idempotency_key_reused`. A problem that `work` returns leaves no key behind, so `work` must not have written anything
 * then. Without a key `work` just runs. Throws OperationalError; the same request with its key is then safe to repeat.
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
      // An earlier run of this very request, whose COMMIT was not answered, is no replay.
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
