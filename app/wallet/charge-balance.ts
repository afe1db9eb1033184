import type { Database } from '../platform/mysql/database.ts';
import { isOwnChange } from '../audit/own-change.ts';
import { findChargeByKey, insertWalletEntries, lockWallets, updateWallets } from './wallet-sql.ts';

export interface Charge {
  readonly amountKrw: number;
  readonly balanceAfterKrw: number;
  readonly balanceSeq: number;
  readonly createdAt: Date;
}

export interface ChargeRequest {
  readonly userId: string;
  readonly amountKrw: number;
  readonly idempotencyKey: string;
  /** SHA-256 of what was asked for: the same key with another hash is refused. */
  readonly requestHash: Buffer;
}

/**
 * Adds to a balance exactly once a key. The key is looked up under the wallet's lock, so of two requests with
 * one key the second finds what the first has done, in whatever process they run.
 */
export async function chargeBalance(
  { database, nowMs }: { database: Database; nowMs: () => number },
  { userId, amountKrw, idempotencyKey, requestHash }: ChargeRequest,
): Promise<{ charge: Charge; replayed: boolean } | 'idempotency_key_reused'> {
  let written: { seq: number; at: Date } | undefined;
  return database.withTransaction({ name: 'charge_balance', rerunnable: true }, async (tx) => {
    const wallet = (await lockWallets(tx, [userId])).get(userId);
    if (wallet === undefined) throw new Error('the user has no wallet');

    const earlier = await findChargeByKey(tx, userId, idempotencyKey);
    if (earlier !== undefined) {
      if (earlier.request_hash === null || !requestHash.equals(earlier.request_hash))
        return 'idempotency_key_reused';
      const charge = {
        amountKrw: earlier.amount,
        balanceAfterKrw: earlier.balance_after,
        balanceSeq: earlier.seq,
        createdAt: earlier.created_at,
      };
      return { charge, replayed: !isOwnChange(written, { seq: earlier.seq, at: earlier.created_at }) };
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
    return { charge, replayed: false };
  });
}
