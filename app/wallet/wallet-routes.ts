import { z } from 'zod';
import { listPage } from '../http/contract/list-page.ts';
import { problem } from '../http/contract/problem.ts';
import { REPLAYED_HEADER, requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { krwSchema, pageQueryShape, pageSchema, timeSchema } from '../http/contract/schemas.ts';
import type { Database } from '../platform/mysql/database.ts';
import { chargeBalance } from './charge-balance.ts';
import { balanceEntryReply, balanceEntrySchema } from './wallet-reply.ts';
import { findWallet, listWalletEntries } from './wallet-sql.ts';

const CHARGE_MAX_KRW = 1_000_000;

const chargeSchema = z
  .object({
    amount: krwSchema,
    balanceAfter: krwSchema,
    balanceSeq: z.int(),
    createdAt: timeSchema,
  })
  .meta({ title: 'Charge' });

export interface WalletDependencies {
  readonly database: Database;
  readonly nowMs: () => number;
}

export function walletRoutes(dependencies: WalletDependencies): Route[] {
  const { database } = dependencies;

  const balanceRoute = defineRoute({
    id: 'readBalance',
    method: 'get',
    path: '/me/balance',
    tag: 'Wallet',
    summary: 'Read your balance and the sequence number of its latest change.',
    access: 'user',
    schema: {},
    replies: { 200: z.object({ balance: krwSchema, balanceSeq: z.int() }) },
    handle: async ({ caller }) => {
      const wallet = await findWallet(database, caller.userId);
      return { status: 200, body: { balance: wallet?.balanceKrw ?? 0, balanceSeq: wallet?.version ?? 0 } };
    },
  });

  const chargeRoute = defineRoute({
    id: 'chargeBalance',
    method: 'post',
    path: '/me/balance/charges',
    tag: 'Wallet',
    summary: 'Add to your balance, once per idempotency key.',
    access: 'user',
    idempotencyKey: 'required',
    schema: { body: z.strictObject({ amount: z.int().min(1).max(CHARGE_MAX_KRW) }) },
    replies: { 200: chargeSchema },
    problems: ['idempotency_key_reused'],
    handle: async ({ caller, body, idempotencyKey }) => {
      const result = await chargeBalance(dependencies, {
        userId: caller.userId,
        amountKrw: body.amount,
        idempotencyKey: idempotencyKey as string,
        requestHash: requestHash(body.amount),
      });
      if (result.code !== 'charged') return problem(result.code);
      const { charge, replayed } = result;
      return {
        status: 200,
        headers: replayed ? REPLAYED_HEADER : {},
        body: {
          amount: charge.amountKrw,
          balanceAfter: charge.balanceAfterKrw,
          balanceSeq: charge.balanceSeq,
          createdAt: charge.createdAt,
        },
      };
    },
  });

  const entriesRoute = defineRoute({
    id: 'listBalanceEntries',
    method: 'get',
    path: '/me/balance/entries',
    tag: 'Wallet',
    summary:
      'List your ledger, newest entry first. `seq` has no gaps, and every `balanceAfter` follows from ' +
      'the entry before.',
    access: 'user',
    schema: { query: z.object(pageQueryShape(z.int())) },
    replies: { 200: pageSchema(balanceEntrySchema) },
    handle: async ({ caller, query }) => {
      const beforeSeq = query.cursor ?? Number.MAX_SAFE_INTEGER;
      const { page, nextCursor } = await listPage({
        limit: query.limit,
        read: (limit) => listWalletEntries(database, { userId: caller.userId, beforeSeq, limit }),
        keyOf: ({ seq }) => seq,
      });
      return {
        status: 200,
        body: {
          data: page.map(balanceEntryReply),
          nextCursor,
        },
      };
    },
  });

  return [balanceRoute, chargeRoute, entriesRoute];
}
