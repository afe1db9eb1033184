import { expect } from 'chai';
import { couponRefusals, decideCoupon, type UserCouponState } from '../../app/orders/decide-coupon.ts';

const ANN = 'ann';
const FROM = new Date('2026-03-01T00:00:00.000Z');
const UNTIL = new Date('2026-03-02T00:00:00.000Z');
const window = { validFrom: FROM, validUntil: UNTIL };

const fixed = (amountKrw: number, minimumOrderKrw = 0): UserCouponState => ({
  userId: ANN,
  status: 'ISSUED',
  isStopped: false,
  terms: { kind: 'FIXED', amountKrw, minimumOrderKrw, ...window },
});
const percent = (share: number, discountMaxKrw: number): UserCouponState => ({
  userId: ANN,
  status: 'ISSUED',
  isStopped: false,
  terms: { kind: 'PERCENT', percent: share, discountMaxKrw, minimumOrderKrw: 0, ...window },
});
const order = (subtotalKrw: number, at = FROM) => ({ userId: ANN, subtotalKrw, at });
const before = (time: Date) => new Date(time.getTime() - 1);

describe('decideCoupon', () => {
  describe('discounts by', () => {
    const cases: readonly [
      title: string,
      coupon: UserCouponState,
      subtotalKrw: number,
      discountKrw: number,
    ][] = [
      ['a fixed amount', fixed(300), 1000, 300],
      ['a fixed amount, at most the subtotal', fixed(300), 299, 299],
      ['nothing from nothing', fixed(300), 0, 0],
      ['a share', percent(10, 1000), 500, 50],
      ['a share, rounded down to whole KRW', percent(10, 1000), 1999, 199],
      ['nothing when the share is below 1 KRW', percent(1, 1000), 99, 0],
      ['a share, capped', percent(50, 100), 1000, 100],
      ['all of it', percent(100, 5000), 4999, 4999],
      // 0.57 * 100 is 56.99999999999999.
      ['a share without the errors of fractions', percent(57, 1000), 100, 57],
      ['a share of the largest order', percent(33, 1e14), 5e13, 16_500_000_000_000],
    ];
    for (const [title, coupon, subtotalKrw, discountKrw] of cases) {
      it(`${title}: ${discountKrw} of ${subtotalKrw}`, () => {
        expect(decideCoupon(coupon, order(subtotalKrw))).to.deep.equal({ code: 'discounted', discountKrw });
      });
    }
  });

  describe('accepts the coupon from the start of its window until before its end', () => {
    const cases: readonly [at: Date, outcome: object][] = [
      [before(FROM), { code: 'coupon_not_usable', reason: 'not_yet_valid' }],
      [FROM, { code: 'discounted', discountKrw: 1 }],
      [before(UNTIL), { code: 'discounted', discountKrw: 1 }],
      [UNTIL, { code: 'coupon_not_usable', reason: 'expired' }],
    ];
    for (const [at, outcome] of cases) {
      it(at.toISOString(), () => {
        expect(decideCoupon(fixed(1), order(10, at))).to.deep.equal(outcome);
      });
    }
  });

  it('accepts the coupon from its minimum order amount', () => {
    expect(decideCoupon(fixed(1, 500), order(499))).to.deep.equal({
      code: 'coupon_not_usable',
      reason: 'below_minimum',
      minimumOrderKrw: 500,
    });
    expect(decideCoupon(fixed(1, 500), order(500))).to.deep.equal({ code: 'discounted', discountKrw: 1 });
  });

  it('returns the first reason of its table when all apply', () => {
    const held = fixed(1, 500);
    const stopped: UserCouponState = { ...held, isStopped: true };
    const used: UserCouponState = { ...stopped, status: 'USED' };
    // A window that has not begun and is already over. No such row exists, but it shows the order of the
    // reasons.
    const never = (coupon: UserCouponState): UserCouponState => ({
      ...coupon,
      terms: { ...coupon.terms, validFrom: new Date(UNTIL.getTime() + 1) },
    });
    const reasonOf = (coupon: UserCouponState | undefined, at: Date) => {
      const decision = decideCoupon(coupon, order(499, at));
      return decision.code === 'coupon_not_usable' ? decision.reason : undefined;
    };
    expect([
      reasonOf(never({ ...used, userId: 'bob' }), UNTIL),
      reasonOf(never(used), UNTIL),
      reasonOf(never(stopped), UNTIL),
      reasonOf(never(held), UNTIL),
      reasonOf(held, UNTIL),
      reasonOf(held, FROM),
    ]).to.deep.equal([...couponRefusals]);
    expect(reasonOf(undefined, FROM)).to.equal('not_found');
  });
});
