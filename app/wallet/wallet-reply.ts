import { z } from 'zod';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import type { WalletEntry } from './wallet-sql.ts';

export const balanceEntrySchema = z
  .object({
    seq: z.int(),
    kind: z.enum(['CHARGE', 'PAYMENT', 'REFUND', 'ADJUSTMENT']),
    amount: krwSchema,
    balanceAfter: krwSchema,
    orderId: idSchema.nullable(),
    createdAt: timeSchema,
  })
  .meta({ title: 'BalanceEntry' });

export function balanceEntryReply(entry: Omit<WalletEntry, 'idempotencyKey' | 'requestHash'>) {
  return {
    seq: entry.seq,
    kind: entry.kind,
    amount: entry.amountKrw,
    balanceAfter: entry.balanceAfterKrw,
    orderId: entry.orderId ?? null,
    createdAt: entry.createdAt,
  };
}
