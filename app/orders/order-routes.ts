import { z } from 'zod';
import { CART_LINES_MAX } from '../carts/cart.ts';
import type { UserCarts } from '../carts/user-carts.ts';
import { listPage } from '../http/contract/list-page.ts';
import { type Problem, problem } from '../http/contract/problem.ts';
import { REPLAYED_HEADER } from '../http/contract/request-hash.ts';
import { defineRoute, type Reply, type Route } from '../http/contract/route.ts';
import {
  idempotencyKeySchema,
  idSchema,
  pageQueryShape,
  pageSchema,
  requestedIdSchema,
} from '../http/contract/schemas.ts';
import type { OrderRequest, Rejection } from './evaluate-orders.ts';
import type { BatchLane } from '../platform/load/batch-lane.ts';
import { type AdminOrderDependencies, adminOrderRoutes } from './admin-order-routes.ts';
import { cancellationReply, cancellationSchema } from './cancellation-reply.ts';
import { cancelOrder } from './cancel-order.ts';
import { findOrder, findOrderByKey, listOrdersOfUser } from './order-sql.ts';
import { orderReply, orderReplySchema } from './order-reply.ts';
import { orderRequestHash } from './order-request-hash.ts';
import { type CartOrderRefusal, placeCartOrder } from './place-cart-order.ts';
import type { PlacedOrder } from './place-orders.ts';
import { stockLedgerRoutes } from './stock-ledger-routes.ts';

/** A full cart fits into one order. An event with fifty lines is 5 KB; an outbox row holds 8 KB. */
const LINES_MAX = CART_LINES_MAX;
/** Units per line. Above the cart's 99, so that every cart can be ordered and traders can order directly. */
const QUANTITY_MAX = 1000;

/** The handler requires exactly one of `items` and `fromCart`: the error of a union would name no field. */
const placeOrderSchema = z
  .strictObject({
    items: z
      .array(z.strictObject({ productId: requestedIdSchema, quantity: z.int().min(1).max(QUANTITY_MAX) }))
      .min(1)
      .max(LINES_MAX)
      .optional(),
    fromCart: z.literal(true).optional(),
    userCouponId: requestedIdSchema.optional(),
    expectedTotal: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  })
  .meta({ oneOf: [{ required: ['items'] }, { required: ['fromCart'] }] });

const eitherItemsOrCart = problem('validation_failed', {
  errors: [{ pointer: 'body/items', detail: 'exactly one of items and fromCart must be present' }],
});

function rejectionProblem(rejection: Rejection | CartOrderRefusal): Problem {
  switch (rejection.code) {
    case 'idempotency_key_reused':
    case 'cart_empty':
      return problem(rejection.code);
    case 'cart_outdated':
      return problem('busy_retry', {
        detail: 'Other orders or charges of this account kept changing its balance meanwhile.',
      });
    case 'coupon_not_usable':
      return problem(rejection.code, {
        extra: {
          reason: rejection.reason,
          ...(rejection.reason === 'below_minimum' ? { minimumOrder: rejection.minimumOrderKrw } : {}),
        },
      });
    case 'price_changed':
      return problem(rejection.code, { extra: { total: rejection.totalKrw } });
    case 'insufficient_balance':
      return problem(rejection.code, { extra: { balance: rejection.balanceKrw, total: rejection.totalKrw } });
    default: {
      const { code, ...extra } = rejection;
      return problem(code, { extra });
    }
  }
}

function placedReply(result: PlacedOrder | CartOrderRefusal): Reply | Problem {
  if (result.code !== 'placed') return rejectionProblem(result);
  return { status: 200, headers: result.replayed ? REPLAYED_HEADER : {}, body: orderReply(result.order) };
}

export interface OrderDependencies extends AdminOrderDependencies {
  /** Evaluates an order together with concurrent ones; see platform/load/batch-lane.ts. */
  readonly orders: BatchLane<OrderRequest, PlacedOrder>;
  readonly userCarts: UserCarts;
  readonly newId: () => string;
}

export function orderRoutes(dependencies: OrderDependencies): Route[] {
  const { database, orders, newId } = dependencies;

  const placeRoute = defineRoute({
    id: 'placeOrder',
    method: 'post',
    path: '/orders',
    tag: 'Orders',
    summary:
      'Place an order. Deducts stock and balance together or not at all, once per idempotency key. ' +
      '`fromCart` orders the content of the cart and removes it from the cart.',
    access: 'user',
    isBusy: orders.isFull,
    idempotencyKey: 'required',
    schema: { body: placeOrderSchema },
    replies: { 200: orderReplySchema },
    problems: [
      'idempotency_key_reused',
      'product_not_found',
      'cart_empty',
      'sale_not_open',
      'purchase_limit_exceeded',
      'out_of_stock',
      'coupon_not_usable',
      'price_changed',
      'insufficient_balance',
    ],
    handle: async ({ caller, body, idempotencyKey }) => {
      const { items, fromCart, expectedTotal, userCouponId } = body;
      if ((items === undefined) === (fromCart === undefined)) return eitherItemsOrCart;
      if (items === undefined) {
        const request = {
          orderId: newId(),
          userId: caller.userId,
          idempotencyKey: idempotencyKey as string,
          requestHash: orderRequestHash(body),
          expectedTotalKrw: expectedTotal,
          userCouponId,
        };
        return placedReply(await placeCartOrder(dependencies, request));
      }
      const result = await orders.submit({
        orderId: newId(),
        userId: caller.userId,
        idempotencyKey: idempotencyKey as string,
        requestHash: orderRequestHash(body),
        lines: items,
        expectedTotalKrw: expectedTotal,
        userCouponId,
      });
      return placedReply(result);
    },
  });

  const listRoute = defineRoute({
    id: 'listOrders',
    method: 'get',
    path: '/orders',
    tag: 'Orders',
    summary:
      'List your orders, newest first. With `key`, returns only the order placed under that ' +
      'idempotency key, if any.',
    access: 'user',
    schema: { query: z.object({ ...pageQueryShape(idSchema), key: idempotencyKeySchema.optional() }) },
    replies: { 200: pageSchema(orderReplySchema) },
    handle: async ({ caller, query }) => {
      if (query.key !== undefined) {
        const order = await findOrderByKey(database, caller.userId, query.key);
        return {
          status: 200,
          body: { data: order === undefined ? [] : [orderReply(order)], nextCursor: null },
        };
      }
      const { page, nextCursor } = await listPage({
        limit: query.limit,
        read: (limit) => listOrdersOfUser(database, { userId: caller.userId, beforeId: query.cursor, limit }),
        keyOf: ({ orderId }) => orderId,
      });
      return { status: 200, body: { data: page.map(orderReply), nextCursor } };
    },
  });

  const detailRoute = defineRoute({
    id: 'readOrder',
    method: 'get',
    path: '/orders/:orderId',
    tag: 'Orders',
    summary: 'Read one of your orders.',
    access: 'user',
    schema: { path: z.object({ orderId: requestedIdSchema }) },
    replies: { 200: orderReplySchema },
    problems: ['order_not_found'],
    handle: async ({ caller, path }) => {
      const order = await findOrder(database.read, path.orderId);
      // Another user's order looks like an order that does not exist.
      if (order === undefined || order.userId !== caller.userId) return problem('order_not_found');
      return { status: 200, body: orderReply(order) };
    },
  });

  const cancelRoute = defineRoute({
    id: 'cancelOrder',
    method: 'post',
    path: '/orders/:orderId/cancel',
    tag: 'Orders',
    summary:
      'Cancel one of your orders. Refunds, restocks and returns the coupon, once per idempotency key. ' +
      'Possible for some days after the order; a refusal says until when (`cancellableUntil`).',
    access: 'user',
    idempotencyKey: 'required',
    schema: { path: z.object({ orderId: requestedIdSchema }) },
    replies: { 200: cancellationSchema },
    problems: ['order_not_found', 'order_not_cancellable', 'idempotency_key_reused'],
    handle: async ({ caller, path, idempotencyKey }) => {
      const result = await cancelOrder(dependencies, {
        by: 'customer',
        orderId: path.orderId,
        userId: caller.userId,
        idempotencyKey: idempotencyKey as string,
      });
      return cancellationReply(result);
    },
  });

  return [
    placeRoute,
    listRoute,
    detailRoute,
    cancelRoute,
    ...adminOrderRoutes(dependencies),
    ...stockLedgerRoutes(dependencies),
  ];
}
