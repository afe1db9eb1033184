import type { PlantedBug } from './planted-bug.ts';

/** Bugs in coupons: who has a coupon, and which order uses it. */
export const couponBugs: readonly PlantedBug[] = [
  {
    name: 'coupon-only-in-redis',
    why: 'Only Redis decides when all coupons are issued: if it loses its counter, too many are issued.',
    edits: [
      {
        file: 'app/coupons/decide-issues.ts',
        find: "    if (issuedCount >= coupon.quantity) return { code: 'coupon_sold_out' };\n",
        replace: '',
      },
      {
        file: 'app/coupons/coupon-sql.ts',
        find: '`UPDATE coupons FORCE INDEX (PRIMARY) SET issued_count = issued_count + CASE id ${branches} END\n       WHERE id IN (?) AND issued_count + CASE id ${branches} END <= quantity`,\n      [...pairs, chunk.map(({ id }) => id), ...pairs],',
        replace:
          '`UPDATE coupons FORCE INDEX (PRIMARY) SET issued_count = LEAST(quantity, issued_count + CASE id ${branches} END)\n       WHERE id IN (?)`,\n      [...pairs, chunk.map(({ id }) => id)],',
      },
      {
        file: 'app/coupons/issue-coupon.ts',
        find: "if (reservation === 'sold_out') return",
        replace: "if (reservation === 'sold_out' || reservation === 'unconfirmed') return",
      },
    ],
    // The worker corrects the counter three times per second, unless it is frozen.
    schedule: ['flush-redis', 'freeze-worker'],
  },
  {
    name: 'reserved-taken-for-issued',
    why:
      'A user with a reservation in Redis is told that they hold the coupon, although MySQL may never ' +
      'record it.',
    edits: [
      {
        file: 'app/coupons/issue-coupon.ts',
        find: "    if (userCouponId !== undefined) return { code: 'coupon_already_issued', userCouponId };\n",
        replace: "    return { code: 'coupon_already_issued', userCouponId: userCouponId ?? newId() };\n",
      },
    ],
    // One process is still working when the customer retries at the other.
    schedule: ['slow-mysql-link'],
  },
  {
    name: 'coupon-not-given-back',
    why: 'The coupon of a cancelled order stays used.',
    edits: [
      {
        file: 'app/orders/cancel-order.ts',
        find: '  if (userCouponId !== undefined) await returnCoupon(tx, { userCouponId, orderId });\n',
        replace: '',
      },
    ],
  },
  {
    name: 'coupon-used-twice',
    why: 'Neither the rule nor the statement checks whether a coupon was used: two orders use the same one.',
    edits: [
      {
        file: 'app/orders/decide-coupon.ts',
        find: "  if (coupon.status === 'USED') return notUsable('used');\n",
        replace: '',
      },
      {
        file: 'app/coupons/user-coupon-sql.ts',
        find: "       WHERE id IN (?) AND status = 'ISSUED'`,",
        replace: '       WHERE id IN (?)`,',
      },
    ],
  },
];
