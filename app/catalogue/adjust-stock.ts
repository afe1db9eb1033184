import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Database } from '../platform/mysql/database.ts';
import { isOwnChange } from '../audit/own-change.ts';
import {
  type Adjustment,
  findAdjustmentByKey,
  insertStockEntries,
  lockStock,
  updateStock,
} from './stock-sql.ts';

/** The column is a signed 32-bit integer. This limit leaves room for restocks above it. */
export const STOCK_MAX = 1_000_000_000;

export type AdjustStockResult =
  | { readonly code: 'adjusted'; readonly adjustment: Adjustment; readonly replayed: boolean }
  | { readonly code: 'product_not_found' | 'idempotency_key_reused' | 'stock_too_large' }
  | { readonly code: 'out_of_stock'; readonly available: number };

export interface AdjustStockRequest {
  readonly productId: string;
  /** Signed units, not 0. */
  readonly delta: number;
  readonly reason: string;
  /** If undefined, a repeated request is a second adjustment. */
  readonly idempotencyKey: string | undefined;
  readonly requestHash: Buffer;
  readonly actor: Actor;
}

/** Changes a stock manually, under the same row lock as orders and in the same chain of versions. */
export async function adjustStock(
  { database, nowMs }: { database: Database; nowMs: () => number },
  { productId, delta, reason, idempotencyKey, requestHash, actor }: AdjustStockRequest,
): Promise<AdjustStockResult> {
  const options = { name: 'adjust_stock', rerunnable: idempotencyKey !== undefined };
  let written: { seq: number; at: Date } | undefined;
  return database.withTransaction<AdjustStockResult>(options, async (tx) => {
    const stock = (await lockStock(tx, [productId])).get(productId);
    if (stock === undefined) return { code: 'product_not_found' };

    const earlier = idempotencyKey && (await findAdjustmentByKey(tx, productId, idempotencyKey));
    if (earlier) {
      const { requestHash: earlierHash, ...adjustment } = earlier;
      if (earlierHash === undefined || !requestHash.equals(earlierHash)) {
        return { code: 'idempotency_key_reused' };
      }
      const replayed = !isOwnChange(written, { seq: adjustment.stockSeq, at: adjustment.createdAt });
      return { code: 'adjusted', adjustment, replayed };
    }

    const quantityAfter = stock.quantity + delta;
    if (quantityAfter < 0) return { code: 'out_of_stock', available: stock.quantity };
    if (quantityAfter > STOCK_MAX) return { code: 'stock_too_large' };
    const adjustment = { delta, quantityAfter, stockSeq: stock.version + 1, createdAt: new Date(nowMs()) };
    written = { seq: adjustment.stockSeq, at: adjustment.createdAt };
    const after = { productId, quantity: quantityAfter, version: adjustment.stockSeq };
    await updateStock(tx, [{ before: stock, after }]);
    await insertStockEntries(tx, [
      {
        productId,
        seq: adjustment.stockSeq,
        kind: 'ADJUSTMENT',
        delta,
        quantityAfter,
        reason,
        idempotencyKey,
        requestHash,
        createdAt: adjustment.createdAt,
      },
    ]);
    await recordAction(tx, actor, {
      action: 'stock_adjusted',
      target: { kind: 'product', id: productId },
      before: { stock: stock.quantity, stockSeq: stock.version },
      after: { stock: quantityAfter, stockSeq: adjustment.stockSeq },
      reason,
    });
    return { code: 'adjusted', adjustment, replayed: false };
  });
}
