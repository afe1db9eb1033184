import { z } from 'zod';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import type { Coupon, CouponTerms } from './coupon.ts';
import type { ListedUserCoupon } from './user-coupon-sql.ts';

const termsShape = {
  name: z.string(),
  discount: z.union([
    z.object({ kind: z.literal('FIXED'), amount: krwSchema }),
    z.object({
      kind: z.literal('PERCENT'),
      percent: z.int(),
      max: krwSchema.meta({ description: 'Maximum discount in whole KRW.' }),
    }),
  ]),
  minimumOrder: krwSchema.meta({ description: 'Minimum subtotal in whole KRW for the coupon to apply.' }),
  validFrom: timeSchema,
  validUntil: timeSchema,
};

export const couponReplySchema = z
  .object({
    id: idSchema,
    ...termsShape,
    quantity: z.int(),
    left: z.int().meta({ description: 'Coupons not yet issued when the response was created.' }),
    createdAt: timeSchema,
  })
  .meta({ title: 'Coupon' });

export const adminCouponReplySchema = couponReplySchema
  .extend({
    status: z.enum(['ACTIVE', 'STOPPED']),
    stoppedAt: timeSchema.nullable(),
  })
  .meta({ title: 'AdminCoupon' });

export const userCouponReplySchema = z
  .object({
    id: idSchema.meta({ description: 'Send this as `userCouponId` with an order.' }),
    couponId: idSchema,
    ...termsShape,
    status: z.enum(['ISSUED', 'USED', 'STOPPED', 'EXPIRED']),
    orderId: idSchema.nullable(),
    issuedAt: timeSchema,
  })
  .meta({ title: 'UserCoupon' });

export function couponReply(coupon: Coupon) {
  return {
    id: coupon.couponId,
    ...termsReply(coupon.name, coupon.terms),
    quantity: coupon.quantity,
    left: coupon.quantity - coupon.issuedCount,
    createdAt: coupon.createdAt,
  };
}

export function adminCouponReply(coupon: Coupon) {
  return {
    ...couponReply(coupon),
    status: coupon.stoppedAt === undefined ? ('ACTIVE' as const) : ('STOPPED' as const),
    stoppedAt: coupon.stoppedAt ?? null,
  };
}

/** STOPPED and EXPIRED are not stored: they mean ISSUED coupons that cannot be used. */
export function userCouponReply(coupon: ListedUserCoupon, nowMs: number) {
  const unusable = coupon.isStopped
    ? ('STOPPED' as const)
    : nowMs >= coupon.terms.validUntil.getTime()
      ? ('EXPIRED' as const)
      : undefined;
  return {
    id: coupon.userCouponId,
    couponId: coupon.couponId,
    ...termsReply(coupon.name, coupon.terms),
    status: coupon.status === 'ISSUED' ? (unusable ?? coupon.status) : coupon.status,
    orderId: coupon.orderId ?? null,
    issuedAt: coupon.issuedAt,
  };
}

function termsReply(name: string, terms: CouponTerms) {
  return {
    name,
    discount:
      terms.kind === 'FIXED'
        ? { kind: terms.kind, amount: terms.amountKrw }
        : { kind: terms.kind, percent: terms.percent, max: terms.discountMaxKrw },
    minimumOrder: terms.minimumOrderKrw,
    validFrom: terms.validFrom,
    validUntil: terms.validUntil,
  };
}
