import { z } from 'zod';
import { pageOf } from '../http/page-cursor.ts';
import { problem } from '../http/problem.ts';
import { defineRoute, type Route } from '../http/route.ts';
import {
  idSchema,
  PAGE_LIMIT_DEFAULT,
  pageQueryShape,
  pageSchema,
  PRICE_MAX_KRW,
  requestedIdSchema,
} from '../http/schemas.ts';
import { textSchema } from '../http/text-schema.ts';
import type { Coupon } from './coupon.ts';
import { couponReply, couponReplySchema, userCouponReply, userCouponReplySchema } from './coupon-reply.ts';
import { insertCoupon, listCoupons, listOpenCoupons } from './coupon-sql.ts';
import { issueCoupon, type IssueCouponDependencies } from './issue-coupon.ts';
import { listUserCoupons } from './user-coupon-sql.ts';

const QUANTITY_MAX = 10_000_000;

const momentSchema = z.iso
  .datetime()
  .refine((text) => /^20[2-9]/.test(text), { error: 'must be between 2020 and 2099' })
  .meta({ format: 'date-time' });

const newCouponSchema = z
  .strictObject({
    name: textSchema(1, 100),
    discount: z.union([
      z.strictObject({ kind: z.literal('FIXED'), amount: z.int().min(1).max(PRICE_MAX_KRW) }),
      z.strictObject({
        kind: z.literal('PERCENT'),
        percent: z.int().min(1).max(100),
        max: z.int().min(1).max(PRICE_MAX_KRW),
      }),
    ]),
    minimumOrder: z.int().min(0).max(PRICE_MAX_KRW).default(0),
    quantity: z.int().min(1).max(QUANTITY_MAX),
    validFrom: momentSchema,
    validUntil: momentSchema,
  })
  .refine(({ validFrom, validUntil }) => Date.parse(validFrom) < Date.parse(validUntil), {
    error: 'must be after validFrom',
    path: ['validUntil'],
  });

const pageQuery = z.object(pageQueryShape(idSchema));

export function couponRoutes(dependencies: IssueCouponDependencies): Route[] {
  const { database, counters, newId, nowMs } = dependencies;
  const issue = issueCoupon(dependencies);

  const createRoute = defineRoute({
    method: 'post',
    path: '/admin/coupons',
    tag: 'Administration',
    summary: 'Make a coupon of limited quantity. What it takes off, when and how often stays as it is made.',
    access: 'admin',
    schema: { body: newCouponSchema },
    replies: { 201: couponReplySchema },
    handle: async ({ body: { discount, ...body } }) => {
      const window = { validFrom: new Date(body.validFrom), validUntil: new Date(body.validUntil) };
      const coupon: Coupon = {
        couponId: newId(),
        name: body.name,
        terms: {
          ...(discount.kind === 'FIXED'
            ? { kind: 'FIXED', amountKrw: discount.amount }
            : { kind: 'PERCENT', percent: discount.percent, discountMaxKrw: discount.max }),
          minimumOrderKrw: body.minimumOrder,
          ...window,
        },
        quantity: body.quantity,
        issuedCount: 0,
        createdAt: new Date(nowMs()),
      };
      await database.withTransaction({ name: 'create_coupon', rerunnable: false }, (tx) =>
        insertCoupon(tx, coupon),
      );
      const { couponId, quantity: left } = coupon;
      await counters.open({ couponId, validUntil: window.validUntil, left });
      return { status: 201, body: couponReply(coupon) };
    },
  });

  const adminListRoute = defineRoute({
    method: 'get',
    path: '/admin/coupons',
    tag: 'Administration',
    summary: 'All coupons, newest first.',
    access: 'admin',
    schema: { query: pageQuery },
    replies: { 200: pageSchema(couponReplySchema) },
    handle: async ({ query }) => {
      const limit = query.limit ?? PAGE_LIMIT_DEFAULT;
      const coupons = await listCoupons(database, { beforeId: query.cursor, limit: limit + 1 });
      const { page, nextCursor } = pageOf(coupons, limit, ({ couponId }) => couponId);
      return { status: 200, body: { data: page.map(couponReply), nextCursor } };
    },
  });

  const openListRoute = defineRoute({
    method: 'get',
    path: '/coupons',
    tag: 'Coupons',
    summary: 'Coupons that can be had now, newest first.',
    access: 'anyone',
    schema: { query: pageQuery },
    replies: { 200: pageSchema(couponReplySchema) },
    handle: async ({ query }) => {
      const limit = query.limit ?? PAGE_LIMIT_DEFAULT;
      const coupons = await listOpenCoupons(database, {
        at: new Date(nowMs()),
        beforeId: query.cursor,
        limit: limit + 1,
      });
      const { page, nextCursor } = pageOf(coupons, limit, ({ couponId }) => couponId);
      return { status: 200, body: { data: page.map(couponReply), nextCursor } };
    },
  });

  const issueRoute = defineRoute({
    method: 'post',
    path: '/coupons/:couponId/issue',
    tag: 'Coupons',
    summary:
      'Get a coupon, first come, first served, one a user. Whoever has one is told its `userCouponId`, so a lost answer is no loss.',
    access: 'user',
    schema: { path: z.object({ couponId: requestedIdSchema }) },
    replies: { 201: userCouponReplySchema },
    problems: ['coupon_not_found', 'coupon_not_usable', 'coupon_already_issued', 'coupon_sold_out'],
    handle: async ({ caller, path: { couponId } }) => {
      const result = await issue({ couponId, userId: caller.userId });
      switch (result.code) {
        case 'issued': {
          const { coupon, issued } = result;
          const { name, terms } = coupon;
          const given = { ...issued, name, terms, status: 'ISSUED' as const, orderId: undefined };
          return { status: 201, body: userCouponReply(given, issued.issuedAt.getTime()) };
        }
        case 'coupon_already_issued':
          return problem(result.code, { extra: { userCouponId: result.userCouponId } });
        case 'coupon_not_usable':
          return problem(result.code, { extra: { reason: result.reason } });
        default:
          return problem(result.code);
      }
    },
  });

  const ownListRoute = defineRoute({
    method: 'get',
    path: '/me/coupons',
    tag: 'Coupons',
    summary: 'Your coupons, newest first.',
    access: 'user',
    schema: { query: pageQuery },
    replies: { 200: pageSchema(userCouponReplySchema) },
    handle: async ({ caller, query }) => {
      const limit = query.limit ?? PAGE_LIMIT_DEFAULT;
      const coupons = await listUserCoupons(database, {
        userId: caller.userId,
        beforeId: query.cursor,
        limit: limit + 1,
      });
      const { page, nextCursor } = pageOf(coupons, limit, ({ userCouponId }) => userCouponId);
      const atMs = nowMs();
      return {
        status: 200,
        body: { data: page.map((coupon) => userCouponReply(coupon, atMs)), nextCursor },
      };
    },
  });

  return [createRoute, adminListRoute, openListRoute, issueRoute, ownListRoute];
}
