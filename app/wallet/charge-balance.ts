import type { Database } from '../platform/mysql/database.ts';
import { isOwnChange } from '../audit/own-change.ts';
import {
  type Charge,
  findChargeByKey,
  insertWalletEntries,
  lockWallets,
  updateWallets,
} from './wallet-sql.ts';

export interface ChargeBalanceRequest {
  readonly userId: string;
  readonly amountKrw: number;
  readonly idempotencyKey: string;
  /** SHA-256 of the request: the same key with another hash is rejected. */
  readonly requestHash: Buffer;
}

export type ChargeBalanceResult =
  | { readonly code: 'charged'; readonly charge: Charge; readonly replayed: boolean }
  | { readonly code: 'idempotency_key_reused' };

/**
 * Adds to a balance exactly once per idempotency key. The key is looked up under the wallet's lock, so the
 * second of two requests with the same key finds the first one's charge, in whatever process they run.
 */
export async function chargeBalance(
  { database, nowMs }: { database: Database; nowMs: () => number },
  { userId, amountKrw, idempotencyKey, requestHash }: ChargeBalanceRequest,
): Promise<ChargeBalanceResult> {
  let written: { seq: number; at: Date } | undefined;
  return database.withTransaction({ name: 'charge_balance', rerunnable: true }, async (tx) => {
    const wallet = (await lockWallets(tx, [userId])).get(userId);
    if (wallet === undefined) throw new Error('the user has no wallet');

    const earlier = await findChargeByKey(tx, userId, idempotencyKey);
    if (earlier !== undefined) {
      const { requestHash: earlierHash, ...charge } = earlier;
      if (earlierHash === undefined || !requestHash.equals(earlierHash)) {
        return { code: 'idempotency_key_reused' };
      }
      const replayed = !isOwnChange(written, { seq: charge.balanceSeq, at: charge.createdAt });
      return { code: 'charged', charge, replayed };
    }

    const charge: Charge = {
      amountKrw,
      balanceAfterKrw: wallet.balanceKrw + amountKrw,
      balanceSeq: wallet.version + 1,
      createdAt: new Date(nowMs()),
    };
    written = { seq: charge.balanceSeq, at: charge.createdAt };
    const after = { userId, balanceKrw: charge.balanceAfterKrw, version: charge.balanceSeq };
    await updateWallets(tx, [{ before: wallet, after }]);
    await insertWalletEntries(tx, [
      {
        userId,
        seq: charge.balanceSeq,
        kind: 'CHARGE',
        amountKrw,
        balanceAfterKrw: charge.balanceAfterKrw,
        idempotencyKey,
        requestHash,
        createdAt: charge.createdAt,
      },
    ]);
    return { code: 'charged', charge, replayed: false };
  });
}
