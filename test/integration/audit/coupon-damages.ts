import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import type { Damages } from '../../support/servers/corruption.ts';

/** Ways in which the coupons of the shop in audited-shop.ts can stop adding up. */
export const couponDamages: Damages = {
  'a coupon that counts one hand too few': ({ coupon }) => ({
    apply: [['UPDATE coupons SET issued_count = 1 WHERE id = ?', [coupon]]],
    breaks: { coupon_count: [coupon] },
  }),
  'a coupon in more hands than there are': ({ coupon, benCoupon }) => ({
    apply: [
      [
        `INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at)
         SELECT ?, coupon_id, ?, 'ISSUED', issued_at FROM user_coupons WHERE id = ?`,
        [uuidBytes(newUuid()), uuidBytes(newUuid()), benCoupon],
      ],
    ],
    breaks: { coupon_count: [coupon] },
  }),
  'hands that hold a coupon which is gone': ({ coupon, discounted }) => ({
    apply: [['DELETE FROM coupons WHERE id = ?', [coupon]]],
    breaks: { coupon_count: [coupon], order_discount: [discounted] },
  }),
  'a hand that has lost its coupon': ({ coupon, annCoupon }) => ({
    apply: [['DELETE FROM user_coupons WHERE id = ?', [annCoupon]]],
    breaks: { coupon_count: [coupon] },
  }),
  'a coupon that its order has used and that is unused': ({ benCoupon, discounted }) => ({
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
  'an order that names no coupon any more': ({ benCoupon, discounted }) => ({
    apply: [['UPDATE orders SET user_coupon_id = NULL WHERE id = ?', [discounted]]],
    breaks: { coupon_use: [benCoupon], order_discount: [discounted] },
  }),
  "an order with somebody else's coupon": ({ annCoupon, benCoupon, discounted }) => ({
    apply: [['UPDATE orders SET user_coupon_id = ? WHERE id = ?', [annCoupon, discounted]]],
    breaks: { coupon_use: [benCoupon], order_discount: [discounted] },
  }),
  'a discount of the share that is not rounded down': ({ coupon, discounted }) => ({
    // 33 % of 300 are 99, and the order has 100 off.
    apply: [
      [
        "UPDATE coupons SET kind = 'PERCENT', amount = NULL, percent = 33, discount_max = 100 WHERE id = ?",
        [coupon],
      ],
    ],
    breaks: { order_discount: [discounted] },
  }),
  'a discount above the cap of the share': ({ coupon, discounted }) => ({
    apply: [
      [
        "UPDATE coupons SET kind = 'PERCENT', amount = NULL, percent = 50, discount_max = 99 WHERE id = ?",
        [coupon],
      ],
    ],
    breaks: { order_discount: [discounted] },
  }),
  'a discount other than the coupon gives': ({ coupon, discounted }) => ({
    apply: [['UPDATE coupons SET amount = 90 WHERE id = ?', [coupon]]],
    breaks: { order_discount: [discounted] },
  }),
};
