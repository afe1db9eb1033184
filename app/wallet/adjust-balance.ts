import { isOwnChange } from '../audit/own-change.ts';
import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Database } from '../platform/mysql/database.ts';
import {
  type Charge,
  findEntryByKey,
  insertWalletEntries,
  lockWallets,
  updateWallets,
} from './wallet-sql.ts';

export interface AdjustBalanceRequest {
  readonly userId: string;
  /** Signed, not 0. */
  readonly amountKrw: number;
  readonly reason: string;
  /** Unique among the adjustments of the user. */
  readonly idempotencyKey: string;
  readonly requestHash: Buffer;
  readonly actor: Actor;
}

export type AdjustBalanceResult =
  | { readonly code: 'adjusted'; readonly adjustment: Charge; readonly replayed: boolean }
  | { readonly code: 'customer_not_found' | 'idempotency_key_reused' }
  | { readonly code: 'insufficient_balance'; readonly balanceKrw: number };

/**
 * Corrects a balance once per idempotency key, under the same lock as orders and in the same chain of
 * versions. The balance never becomes negative. The trail of admin actions has the reason.
 */
export async function adjustBalance(
  { database, nowMs }: { readonly database: Database; readonly nowMs: () => number },
  request: AdjustBalanceRequest,
): Promise<AdjustBalanceResult> {
  const { userId, amountKrw, reason, idempotencyKey, requestHash, actor } = request;
  let written: { seq: number; at: Date } | undefined;
  return database.withTransaction({ name: 'adjust_balance', rerunnable: true }, async (tx) => {
    const wallet = (await lockWallets(tx, [userId])).get(userId);
    if (wallet === undefined) return { code: 'customer_not_found' };
    const earlier = await findEntryByKey(tx, { userId, kind: 'ADJUSTMENT', idempotencyKey });
    if (earlier !== undefined) {
      const { requestHash: earlierHash, ...adjustment } = earlier;
      if (earlierHash === undefined || !requestHash.equals(earlierHash))
        return { code: 'idempotency_key_reused' };
      const replayed = !isOwnChange(written, { seq: adjustment.balanceSeq, at: adjustment.createdAt });
      return { code: 'adjusted', adjustment, replayed };
    }

    const balanceAfterKrw = wallet.balanceKrw + amountKrw;
    if (balanceAfterKrw < 0) return { code: 'insufficient_balance', balanceKrw: wallet.balanceKrw };
    const adjustment: Charge = {
      amountKrw,
      balanceAfterKrw,
      balanceSeq: wallet.version + 1,
      createdAt: new Date(nowMs()),
    };
    const { balanceSeq: seq, createdAt } = adjustment;
    written = { seq, at: createdAt };
    const after = { userId, balanceKrw: balanceAfterKrw, version: seq };
    await updateWallets(tx, [{ before: wallet, after }]);
    const entry = { userId, seq, amountKrw, balanceAfterKrw, idempotencyKey, requestHash, createdAt };
    await insertWalletEntries(tx, [{ ...entry, kind: 'ADJUSTMENT' }]);
    await recordAction(tx, actor, {
      action: 'balance_adjusted',
      target: { kind: 'customer', id: userId },
      before: { balance: wallet.balanceKrw, balanceSeq: wallet.version },
      after: { balance: balanceAfterKrw, balanceSeq: seq },
      reason,
    });
    return { code: 'adjusted', adjustment, replayed: false };
  });
}
