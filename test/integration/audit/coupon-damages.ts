import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import type { Damages } from '../../support/servers/corruption.ts';

/** Ways in which the coupons of the shop in audited-shop.ts can stop adding up. */
export const couponDamages: Damages = {
  'a coupon that counts one issue too few': ({ coupon }) => ({
    apply: [['UPDATE coupons SET issued_count = 1 WHERE id = ?', [coupon]]],
    breaks: { coupon_count: [coupon] },
  }),
  'a coupon issued more often than its quantity': ({ coupon, benCoupon }) => ({
    apply: [
      [
        `INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at)
         SELECT ?, coupon_id, ?, 'ISSUED', issued_at FROM user_coupons WHERE id = ?`,
        [uuidBytes(newUuid()), uuidBytes(newUuid()), benCoupon],
      ],
    ],
    breaks: { coupon_count: [coupon] },
  }),
  'holders of a deleted coupon': ({ coupon, discounted }) => ({
    apply: [['DELETE FROM coupons WHERE id = ?', [coupon]]],
    breaks: { coupon_count: [coupon], order_discount: [discounted] },
  }),
  'an issued coupon that was deleted': ({ coupon, annCoupon }) => ({
    apply: [['DELETE FROM user_coupons WHERE id = ?', [annCoupon]]],
    breaks: { coupon_count: [coupon] },
  }),
  'a coupon used by an order but marked as unused': ({ benCoupon, discounted }) => ({
    apply: [
      [
        "UPDATE user_coupons SET status = 'ISSUED', order_id = NULL, used_at = NULL WHERE id = ?",
        [benCoupon],
      ],
    ],
    breaks: { order_discount: [discounted] },
  }),
  'a coupon used in an order that does not name it': ({ annCoupon, order }) => ({
    apply: [
      [
        "UPDATE user_coupons SET status = 'USED', order_id = ?, used_at = issued_at WHERE id = ?",
        [order, annCoupon],
      ],
    ],
    breaks: { coupon_use: [annCoupon] },
  }),
  'an order that no longer names its coupon': ({ benCoupon, discounted }) => ({
    apply: [['UPDATE orders SET user_coupon_id = NULL WHERE id = ?', [discounted]]],
    breaks: { coupon_use: [benCoupon], order_discount: [discounted] },
  }),
  "an order with somebody else's coupon": ({ annCoupon, benCoupon, discounted }) => ({
    apply: [['UPDATE orders SET user_coupon_id = ? WHERE id = ?', [annCoupon, discounted]]],
    breaks: { coupon_use: [benCoupon], order_discount: [discounted] },
  }),
  'a percentage discount that is not rounded down': ({ coupon, discounted }) => ({
    // 33 % of 300 are 99, and the order has 100 off.
    apply: [
      [
        "UPDATE coupons SET kind = 'PERCENT', amount = NULL, percent = 33, discount_max = 100 WHERE id = ?",
        [coupon],
      ],
    ],
    breaks: { order_discount: [discounted] },
  }),
  'a percentage discount above its cap': ({ coupon, discounted }) => ({
    apply: [
      [
        "UPDATE coupons SET kind = 'PERCENT', amount = NULL, percent = 50, discount_max = 99 WHERE id = ?",
        [coupon],
      ],
    ],
    breaks: { order_discount: [discounted] },
  }),
  "a discount that differs from the coupon's": ({ coupon, discounted }) => ({
    apply: [['UPDATE coupons SET amount = 90 WHERE id = ?', [coupon]]],
    breaks: { order_discount: [discounted] },
  }),
};
