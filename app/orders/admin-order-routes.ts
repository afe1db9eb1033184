import { z } from 'zod';
import { requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { requestedIdSchema } from '../http/contract/schemas.ts';
import { textSchema } from '../http/contract/text-schema.ts';
import { adminKey } from '../idempotency/admin-key.ts';
import { actorOf } from '../operators/admin-action.ts';
import type { Log } from '../platform/observe/log.ts';
import { cancellationReply, cancellationSchema } from './cancellation-reply.ts';
import { cancelOrder, type CancelOrderDependencies } from './cancel-order.ts';

/** A stock entry holds 200 characters: the prefix `cancelled by an admin: ` and the reason. */
const REASON_MAX = 150;

export interface AdminOrderDependencies extends CancelOrderDependencies {
  readonly log: Log;
}

export function adminOrderRoutes(dependencies: AdminOrderDependencies): Route[] {
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
      path: z.object({ orderId: requestedIdSchema }),
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

  return [cancelRoute];
}
