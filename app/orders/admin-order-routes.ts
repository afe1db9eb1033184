import { z } from 'zod';
import { emailSchema } from '../accounts/credentials.ts';
import { findEmails } from '../accounts/user-sql.ts';
import { encodeCursor } from '../http/contract/page-cursor.ts';
import { problem } from '../http/contract/problem.ts';
import { requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import {
  idempotencyKeySchema,
  idSchema,
  momentSchema,
  PAGE_LIMIT_DEFAULT,
  pageQueryShape,
  pageSchema,
  requestedIdSchema,
} from '../http/contract/schemas.ts';
import { textSchema } from '../http/contract/text-schema.ts';
import { adminKey } from '../idempotency/admin-key.ts';
import { actorOf } from '../operators/admin-action.ts';
import type { Log } from '../platform/observe/log.ts';
import { adminOrderReply, adminOrderSchema, orderTraceReply, orderTraceSchema } from './admin-order-reply.ts';
import { cancellationReply, cancellationSchema } from './cancellation-reply.ts';
import { cancelOrder, type CancelOrderDependencies } from './cancel-order.ts';
import { searchOrders } from './search-orders.ts';
import { traceOrder } from './trace-order.ts';

/** A stock entry holds 200 characters: the prefix `cancelled by an admin: ` and the reason. */
const REASON_MAX = 150;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface AdminOrderDependencies extends CancelOrderDependencies {
  readonly log: Log;
}

export function adminOrderRoutes(dependencies: AdminOrderDependencies): Route[] {
  const { database, nowMs } = dependencies;
  const orderPath = z.object({ orderId: requestedIdSchema });

  const listRoute = defineRoute({
    id: 'listAllOrders',
    method: 'get',
    path: '/admin/orders',
    tag: 'Administration',
    summary:
      'List orders of all customers, newest first. Filters combine. Where no index covers a combination, a ' +
      'page examines 1,000 orders and may be short, or empty, although another page follows.',
    access: 'viewer',
    schema: {
      query: z.object({
        ...pageQueryShape(idSchema),
        orderId: requestedIdSchema.optional(),
        email: emailSchema.optional().meta({ description: "The customer's whole e-mail address." }),
        key: idempotencyKeySchema.optional().meta({ description: 'Idempotency key of the order.' }),
        productId: requestedIdSchema.optional(),
        status: z.enum(['COMPLETED', 'CANCELLED']).optional(),
        day: z.iso.date().optional().meta({ description: 'UTC day on which the order arrived.' }),
        from: momentSchema.optional().meta({ description: 'Orders that arrived at this time or later.' }),
        until: momentSchema.optional().meta({ description: 'Orders that arrived before this time.' }),
      }),
    },
    replies: { 200: pageSchema(adminOrderSchema) },
    handle: async ({ query: { cursor, limit = PAGE_LIMIT_DEFAULT, key, day, from, until, ...filters } }) => {
      const dayStart = day === undefined ? undefined : new Date(`${day}T00:00:00Z`);
      const dayEnd = dayStart === undefined ? undefined : new Date(dayStart.getTime() + DAY_MS);
      const { orders, nextBeforeId } = await searchOrders(dependencies, {
        ...filters,
        idempotencyKey: key,
        from: latest(dayStart, from),
        until: earliest(dayEnd, until),
        beforeId: cursor,
        limit,
      });
      const emails = await findEmails(
        database.read,
        orders.map(({ userId }) => userId),
      );
      const data = orders.map((order) => adminOrderReply(order, emails.get(order.userId) ?? ''));
      const nextCursor = nextBeforeId === undefined ? null : encodeCursor([nextBeforeId]);
      return { status: 200, body: { data, nextCursor } };
    },
  });

  const traceRoute = defineRoute({
    id: 'traceOrder',
    method: 'get',
    path: '/admin/orders/:orderId',
    tag: 'Administration',
    summary:
      'Read everything that is recorded of an order: lines, coupon, ledger entries, changes of stock, its ' +
      'events and its cancellation. The chain shows only what is recorded.',
    access: 'viewer',
    schema: { path: orderPath },
    replies: { 200: orderTraceSchema },
    problems: ['order_not_found'],
    handle: async ({ path }) => {
      const traced = await traceOrder(dependencies, path.orderId);
      if (traced === undefined) return problem('order_not_found');
      return { status: 200, body: orderTraceReply(traced, nowMs()) };
    },
  });

  const cancelRoute = defineRoute({
    id: 'cancelOrderForCustomer',
    method: 'post',
    path: '/admin/orders/:orderId/cancel',
    tag: 'Administration',
    summary:
      "Cancel a customer's order at any time. Refunds, restocks and returns the coupon, once per " +
      'idempotency key.',
    access: 'operator',
    idempotencyKey: 'required',
    schema: {
      path: orderPath,
      body: z.strictObject({ reason: textSchema(1, REASON_MAX) }),
    },
    replies: { 200: cancellationSchema },
    problems: ['order_not_found', 'order_not_cancellable'],
    handle: async ({ caller, requestId, path: { orderId }, body: { reason }, idempotencyKey = '' }) => {
      const result = await cancelOrder(dependencies, {
        by: 'admin',
        orderId,
        reason,
        idempotencyKey: adminKey(caller.userId, idempotencyKey),
        requestHash: requestHash(orderId, reason),
        actor: actorOf(caller, requestId),
      });
      if (result.code === 'cancelled' && !result.replayed) {
        // The reason is stored with the restocks. Text that people write is never logged.
        dependencies.log.info('order_cancelled_by_admin', { orderId, adminId: caller.userId });
      }
      return cancellationReply(result);
    },
  });

  return [listRoute, traceRoute, cancelRoute];
}

function latest(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}

function earliest(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}
