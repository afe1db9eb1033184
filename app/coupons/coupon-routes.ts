import { z } from 'zod';
import { listPage } from '../http/contract/list-page.ts';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { idSchema, pageQueryShape, pageSchema, requestedIdSchema } from '../http/contract/schemas.ts';
import { type AdminCouponDependencies, adminCouponRoutes } from './admin-coupon-routes.ts';
import { couponReply, couponReplySchema, userCouponReply, userCouponReplySchema } from './coupon-reply.ts';
import { listOpenCoupons } from './coupon-sql.ts';
import { createCouponDefinitions } from './coupon-definitions.ts';
import { issueCoupon, type IssueCouponDependencies } from './issue-coupon.ts';
import { listUserCoupons } from './user-coupon-sql.ts';

const pageQuery = z.object(pageQueryShape(idSchema));

export function couponRoutes(
  dependencies: Omit<IssueCouponDependencies, 'findDefinition'> & AdminCouponDependencies,
): Route[] {
  const { database, nowMs } = dependencies;
  const findDefinition = createCouponDefinitions({ database, nowMs });

  const openListRoute = defineRoute({
    id: 'listCoupons',
    method: 'get',
    path: '/coupons',
    tag: 'Coupons',
    summary: 'List coupons that can be claimed now, those that end soonest first.',
    access: 'anyone',
    schema: { query: pageQuery },
    replies: { 200: pageSchema(couponReplySchema) },
    handle: async ({ query }) => {
      const { page, nextCursor } = await listPage({
        limit: query.limit,
        read: (limit) => listOpenCoupons(database, { at: new Date(nowMs()), afterId: query.cursor, limit }),
        keyOf: ({ couponId }) => couponId,
      });
      return { status: 200, body: { data: page.map(couponReply), nextCursor } };
    },
  });

  const issueRoute = defineRoute({
    id: 'claimCoupon',
    method: 'post',
    path: '/coupons/:couponId/issue',
    tag: 'Coupons',
    summary:
      'Claim a coupon: first come, first served, one per customer. If you already have it, the problem ' +
      'names its `userCouponId`, so a lost response costs nothing.',
    access: 'user',
    schema: { path: z.object({ couponId: requestedIdSchema }) },
    replies: { 201: userCouponReplySchema },
    problems: ['coupon_not_found', 'coupon_not_usable', 'coupon_already_issued', 'coupon_sold_out'],
    handle: async ({ caller, path: { couponId } }) => {
      const claim = { couponId, userId: caller.userId };
      const result = await issueCoupon({ ...dependencies, findDefinition }, claim);
      switch (result.code) {
        case 'issued': {
          const { coupon, issued } = result;
          const { name, terms } = coupon;
          const held = { status: 'ISSUED' as const, isStopped: false, orderId: undefined };
          return {
            status: 201,
            body: userCouponReply({ ...issued, name, terms, ...held }, issued.issuedAt.getTime()),
          };
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
    id: 'listOwnCoupons',
    method: 'get',
    path: '/me/coupons',
    tag: 'Coupons',
    summary: 'List your coupons, newest first.',
    access: 'user',
    schema: { query: pageQuery },
    replies: { 200: pageSchema(userCouponReplySchema) },
    handle: async ({ caller, query }) => {
      const { page, nextCursor } = await listPage({
        limit: query.limit,
        read: (limit) => listUserCoupons(database, { userId: caller.userId, beforeId: query.cursor, limit }),
        keyOf: ({ userCouponId }) => userCouponId,
      });
      const atMs = nowMs();
      return {
        status: 200,
        body: { data: page.map((coupon) => userCouponReply(coupon, atMs)), nextCursor },
      };
    },
  });

  return [...adminCouponRoutes(dependencies), openListRoute, issueRoute, ownListRoute];
}
