import { z } from 'zod';
import { listPage } from '../http/contract/list-page.ts';
import { problem } from '../http/contract/problem.ts';
import { requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Reply, type Route } from '../http/contract/route.ts';
import {
  idSchema,
  areInOrder,
  momentSchema,
  pageQueryShape,
  pageSchema,
  PRICE_MAX_KRW,
  requestedIdSchema,
} from '../http/contract/schemas.ts';
import { matchesTag } from '../http/contract/tagged-reply.ts';
import { textSchema } from '../http/contract/text-schema.ts';
import { replyOnce } from '../idempotency/reply-once.ts';
import { actorOf } from '../operators/admin-action.ts';
import type { Log } from '../platform/observe/log.ts';
import type { Coupon } from './coupon.ts';
import { adminCouponReply, adminCouponReplySchema } from './coupon-reply.ts';
import { findCoupon, listCoupons } from './coupon-sql.ts';
import { createCoupon, openCounter } from './create-coupon.ts';
import { editCoupon, type EditCouponDependencies } from './edit-coupon.ts';
import { stopCoupon } from './stop-coupon.ts';

const QUANTITY_MAX = 10_000_000;

const couponShape = {
  name: textSchema(1, 100),
  discount: z.union([
    z.strictObject({ kind: z.literal('FIXED'), amount: z.int().min(1).max(PRICE_MAX_KRW) }),
    z.strictObject({
      kind: z.literal('PERCENT'),
      percent: z.int().min(1).max(100),
      max: z.int().min(1).max(PRICE_MAX_KRW),
    }),
  ]),
  quantity: z.int().min(1).max(QUANTITY_MAX),
  validFrom: momentSchema,
  validUntil: momentSchema.meta({ description: 'After `validFrom`.' }),
};
const minimumOrderSchema = z.int().min(0).max(PRICE_MAX_KRW);
const startsBeforeItEnds = ({ validFrom, validUntil }: { validFrom: unknown; validUntil: unknown }) =>
  areInOrder(validFrom, validUntil);
const mustEndLater = { error: 'must be after validFrom', path: ['validUntil'] };

const newCouponSchema = z
  .strictObject({ ...couponShape, minimumOrder: minimumOrderSchema.default(0) })
  .refine(startsBeforeItEnds, mustEndLater)
  .meta({ title: 'NewCoupon' });

/** PUT replaces the coupon, so every field is required. */
const editedCouponSchema = z
  .strictObject({ ...couponShape, minimumOrder: minimumOrderSchema, status: z.enum(['ACTIVE', 'STOPPED']) })
  .refine(startsBeforeItEnds, mustEndLater)
  .meta({ title: 'EditedCoupon' });

export interface AdminCouponDependencies extends EditCouponDependencies {
  readonly newId: () => string;
  readonly log: Log;
}

export function adminCouponRoutes(dependencies: AdminCouponDependencies): Route[] {
  const { database, counters, newId, nowMs, log } = dependencies;
  const common = { tag: 'Administration', access: 'operator', replyHeaders: ['ETag'] } as const;
  const couponPath = z.object({ couponId: requestedIdSchema });

  const createRoute = defineRoute({
    ...common,
    id: 'createCoupon',
    method: 'post',
    path: '/admin/coupons',
    summary:
      'Create a coupon of limited quantity. With an idempotency key, a repeated request creates no ' +
      'second coupon.',
    idempotencyKey: 'optional',
    schema: { body: newCouponSchema },
    replies: { 201: adminCouponReplySchema },
    handle: async ({ caller, requestId, body, idempotencyKey }) => {
      const request = {
        userId: caller.userId,
        operation: 'POST /admin/coupons',
        idempotencyKey,
        requestHash: requestHash(body),
      };
      let created: Coupon | undefined;
      const outcome = await replyOnce(dependencies, request, async (tx) => {
        const { coupon } = await createCoupon(
          { tx, newId, nowMs, actor: actorOf(caller, requestId) },
          fieldsOf(body),
        );
        created = coupon;
        return { ...replyOf(coupon), status: 201 };
      });
      if (created !== undefined) await openCounter(counters, created);
      return outcome;
    },
  });

  const listRoute = defineRoute({
    id: 'listAllCoupons',
    method: 'get',
    path: '/admin/coupons',
    tag: 'Administration',
    summary: 'List all coupons, newest first.',
    access: 'viewer',
    schema: { query: z.object(pageQueryShape(idSchema)) },
    replies: { 200: pageSchema(adminCouponReplySchema) },
    handle: async ({ query }) => {
      const { page, nextCursor } = await listPage({
        limit: query.limit,
        read: (limit) => listCoupons(database, { beforeId: query.cursor, limit }),
        keyOf: ({ couponId }) => couponId,
      });
      return { status: 200, body: { data: page.map(adminCouponReply), nextCursor } };
    },
  });

  const detailRoute = defineRoute({
    ...common,
    id: 'readCoupon',
    method: 'get',
    access: 'viewer',
    path: '/admin/coupons/:couponId',
    summary: 'Read a coupon. An edit must send the ETag as `If-Match`.',
    schema: { path: couponPath },
    replies: { 200: adminCouponReplySchema },
    problems: ['coupon_not_found'],
    handle: async ({ path }) => {
      const coupon = await findCoupon(database, path.couponId);
      return coupon === undefined ? problem('coupon_not_found') : replyOf(coupon);
    },
  });

  const editRoute = defineRoute({
    ...common,
    id: 'replaceCoupon',
    method: 'put',
    path: '/admin/coupons/:couponId',
    summary:
      'Replace a coupon. Once a customer has claimed one, discount, minimum order and start are fixed, ' +
      'the end may only become later, and the quantity may not fall below the number issued. `STOPPED` ' +
      'stops the coupon, `ACTIVE` restores it.',
    ifMatch: 'required',
    schema: { path: couponPath, body: editedCouponSchema },
    replies: { 200: adminCouponReplySchema },
    problems: ['coupon_not_found', 'coupon_not_editable'],
    handle: async ({ caller, requestId, path: { couponId }, body, ifMatch = '' }) => {
      const result = await editCoupon(dependencies, {
        couponId,
        actor: actorOf(caller, requestId),
        fields: fieldsOf(body),
        isStopped: body.status === 'STOPPED',
        hasSeen: (version) => matchesTag(ifMatch, versionTag(version)),
      });
      if (result.code === 'edited') {
        log.info('coupon_edited', { couponId, version: result.coupon.version, adminId: caller.userId });
        return replyOf(result.coupon);
      }
      const { code, ...extra } = result;
      return problem(code, { extra });
    },
  });

  const stopRoute = defineRoute({
    ...common,
    id: 'stopCoupon',
    method: 'post',
    path: '/admin/coupons/:couponId/stop',
    summary: 'Stop a coupon at once: it can no longer be claimed or used. Safe to repeat.',
    schema: { path: couponPath },
    replies: { 200: adminCouponReplySchema },
    problems: ['coupon_not_found'],
    handle: async ({ caller, requestId, path: { couponId } }) => {
      const result = await stopCoupon(dependencies, { couponId, actor: actorOf(caller, requestId) });
      if (result.code !== 'stopped') return problem(result.code);
      log.info('coupon_stopped', { couponId, version: result.coupon.version, adminId: caller.userId });
      return replyOf(result.coupon);
    },
  });

  return [createRoute, listRoute, detailRoute, editRoute, stopRoute];
}

function fieldsOf(body: z.infer<typeof newCouponSchema>): Pick<Coupon, 'name' | 'terms' | 'quantity'> {
  const { name, quantity, discount, minimumOrder: minimumOrderKrw, validFrom, validUntil } = body;
  const shared = { minimumOrderKrw, validFrom, validUntil };
  const terms =
    discount.kind === 'FIXED'
      ? { ...shared, kind: discount.kind, amountKrw: discount.amount }
      : { ...shared, kind: discount.kind, percent: discount.percent, discountMaxKrw: discount.max };
  return { name, quantity, terms };
}

function replyOf(coupon: Coupon): Reply {
  return { status: 200, headers: { ETag: versionTag(coupon.version) }, body: adminCouponReply(coupon) };
}

function versionTag(version: number): string {
  return `"v${version}"`;
}
