import { z } from 'zod';
import { listUsersByEmail } from '../accounts/customer-sql.ts';
import { userCouponReply, userCouponReplySchema } from '../coupons/coupon-reply.ts';
import { listPage } from '../http/contract/list-page.ts';
import { problem } from '../http/contract/problem.ts';
import { REPLAYED_HEADER, requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import {
  idSchema,
  krwSchema,
  pageQueryShape,
  pageSchema,
  requestedIdSchema,
  timeSchema,
} from '../http/contract/schemas.ts';
import { textSchema } from '../http/contract/text-schema.ts';
import { adminKey } from '../idempotency/admin-key.ts';
import { actorOf } from '../operators/admin-action.ts';
import { adminOrderReply, adminOrderSchema } from '../orders/admin-order-reply.ts';
import type { Database } from '../platform/mysql/database.ts';
import { adjustBalance } from '../wallet/adjust-balance.ts';
import { balanceEntryReply, balanceEntrySchema } from '../wallet/wallet-reply.ts';
import { findWallets } from '../wallet/wallet-sql.ts';
import { pageOfCoupons, pageOfEntries, readCustomer } from './read-customer.ts';

/** A mistyped amount must not become a fortune; larger corrections are several. */
const ADJUSTMENT_MAX_KRW = 10_000_000;

/** Characters that an address may have, any case. */
const addressPartSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,254}$/, { error: 'must be the beginning of an e-mail address' })
  .toLowerCase();

const customerShape = {
  id: idSchema,
  email: z.string(),
  role: z.enum(['customer', 'admin']),
  balance: krwSchema,
  balanceSeq: z.int(),
  createdAt: timeSchema,
};
const customerSchema = z.object(customerShape).meta({ title: 'Customer' });

const customerFileSchema = z
  .object({
    ...customerShape,
    ledger: pageSchema(balanceEntrySchema),
    coupons: pageSchema(userCouponReplySchema),
    // Continued by `GET /admin/orders?email=…&cursor=…`.
    orders: pageSchema(adminOrderSchema),
  })
  .meta({ title: 'CustomerFile' });

const adjustmentSchema = z
  .object({
    customerId: idSchema,
    amount: krwSchema,
    balanceAfter: krwSchema,
    balanceSeq: z.int(),
    createdAt: timeSchema,
  })
  .meta({ title: 'AdjustedBalance' });

export interface CustomerDependencies {
  readonly database: Database;
  readonly nowMs: () => number;
}

export function customerRoutes(dependencies: CustomerDependencies): Route[] {
  const { database, nowMs } = dependencies;
  const customerPath = z.object({ customerId: requestedIdSchema });
  const common = { tag: 'Administration', access: 'viewer', method: 'get' } as const;

  const listRoute = defineRoute({
    ...common,
    id: 'listCustomers',
    path: '/admin/customers',
    summary: 'List accounts by e-mail address, or those whose address begins with `email`.',
    schema: { query: z.object({ ...pageQueryShape(z.string()), email: addressPartSchema.optional() }) },
    replies: { 200: pageSchema(customerSchema) },
    handle: async ({ query: { cursor, limit, email: prefix = '' } }) => {
      const { page, nextCursor } = await listPage({
        limit,
        read: (rowsMax) => listUsersByEmail(database.read, { prefix, afterEmail: cursor, limit: rowsMax }),
        keyOf: ({ email }) => email,
      });
      const wallets = await findWallets(
        database.read,
        page.map(({ id }) => id),
      );
      const data = page.map((user) => customerReply(user, wallets.get(user.id)));
      return { status: 200, body: { data, nextCursor } };
    },
  });

  const detailRoute = defineRoute({
    ...common,
    id: 'readCustomer',
    path: '/admin/customers/:customerId',
    summary:
      'Read an account with its balance and the first page of its ledger, coupons and orders. ' +
      '`GET /admin/orders` with the address goes on with the orders.',
    schema: { path: customerPath },
    replies: { 200: customerFileSchema },
    problems: ['customer_not_found'],
    handle: async ({ path: { customerId } }) => {
      const file = await readCustomer(database, customerId);
      if (file === undefined) return problem('customer_not_found');
      const { user, wallet, entries, coupons, orders } = file;
      return {
        status: 200,
        body: {
          ...customerReply(user, wallet),
          ledger: { data: entries.page.map(balanceEntryReply), nextCursor: entries.nextCursor },
          coupons: couponsReply(coupons, nowMs()),
          orders: {
            data: orders.page.map((order) => adminOrderReply(order, user.email)),
            nextCursor: orders.nextCursor,
          },
        },
      };
    },
  });

  const entriesRoute = defineRoute({
    ...common,
    id: 'listCustomerEntries',
    path: '/admin/customers/:customerId/entries',
    summary: "List a customer's ledger, newest entry first.",
    schema: { path: customerPath, query: z.object(pageQueryShape(z.int())) },
    replies: { 200: pageSchema(balanceEntrySchema) },
    handle: async ({ path: { customerId: userId }, query: { cursor, limit } }) => {
      const { page, nextCursor } = await pageOfEntries(database, { userId, cursor, limit });
      return { status: 200, body: { data: page.map(balanceEntryReply), nextCursor } };
    },
  });

  const couponsRoute = defineRoute({
    ...common,
    id: 'listCustomerCoupons',
    path: '/admin/customers/:customerId/coupons',
    summary: "List a customer's coupons, newest first.",
    schema: { path: customerPath, query: z.object(pageQueryShape(idSchema)) },
    replies: { 200: pageSchema(userCouponReplySchema) },
    handle: async ({ path: { customerId: userId }, query: { cursor, limit } }) => {
      const found = await pageOfCoupons(database, { userId, cursor, limit });
      return { status: 200, body: couponsReply(found, nowMs()) };
    },
  });

  return [listRoute, detailRoute, entriesRoute, couponsRoute, adjustRoute(dependencies)];
}

function adjustRoute(dependencies: CustomerDependencies): Route {
  return defineRoute({
    id: 'adjustBalance',
    method: 'post',
    path: '/admin/customers/:customerId/balance-adjustments',
    tag: 'Administration',
    summary:
      "Correct a customer's balance by a signed amount, once per idempotency key. It never becomes " +
      'negative. ' +
      'The trail has the reason; statistics do not change.',
    access: 'owner',
    idempotencyKey: 'required',
    schema: {
      path: z.object({ customerId: requestedIdSchema }),
      body: z
        .strictObject({
          amount: z
            .int()
            .min(-ADJUSTMENT_MAX_KRW)
            .max(ADJUSTMENT_MAX_KRW)
            .refine((amount) => amount !== 0, { error: 'must not be 0' })
            .meta({ not: { const: 0 } }),
          reason: textSchema(1, 200),
        })
        .meta({ title: 'BalanceAdjustment' }),
    },
    replies: { 200: adjustmentSchema },
    problems: ['customer_not_found', 'insufficient_balance'],
    handle: async ({ caller, requestId, path: { customerId }, body, idempotencyKey = '' }) => {
      const result = await adjustBalance(dependencies, {
        userId: customerId,
        amountKrw: body.amount,
        reason: body.reason,
        idempotencyKey: adminKey(caller.userId, idempotencyKey),
        requestHash: requestHash(body.amount, body.reason),
        actor: actorOf(caller, requestId),
      });
      if (result.code === 'insufficient_balance') {
        return problem(result.code, { extra: { balance: result.balanceKrw } });
      }
      if (result.code !== 'adjusted') return problem(result.code);
      const { amountKrw: amount, balanceAfterKrw: balanceAfter, balanceSeq, createdAt } = result.adjustment;
      return {
        status: 200,
        headers: result.replayed ? REPLAYED_HEADER : {},
        body: { customerId, amount, balanceAfter, balanceSeq, createdAt },
      };
    },
  });
}

function customerReply(
  { id, email, role, createdAt }: Awaited<ReturnType<typeof listUsersByEmail>>[number],
  wallet: { readonly balanceKrw: number; readonly version: number } | undefined,
) {
  return { id, email, role, balance: wallet?.balanceKrw ?? 0, balanceSeq: wallet?.version ?? 0, createdAt };
}

function couponsReply({ page, nextCursor }: Awaited<ReturnType<typeof pageOfCoupons>>, nowMs: number) {
  return { data: page.map((coupon) => userCouponReply(coupon, nowMs)), nextCursor };
}
