import { expect } from 'chai';
import type { Coupon } from '../../app/coupons/coupon.ts';
import {
  type CouponEdit,
  couponEditRefusals,
  decideCouponEdit,
} from '../../app/coupons/decide-coupon-edit.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const coupon: Coupon = {
  couponId: 'sale',
  name: 'Sale',
  terms: {
    kind: 'PERCENT',
    percent: 10,
    discountMaxKrw: 500,
    minimumOrderKrw: 100,
    validFrom: NOW,
    validUntil: later(1000),
  },
  quantity: 10,
  issuedCount: 0,
  stoppedAt: undefined,
  version: 3,
  createdAt: NOW,
};
const issued: Coupon = { ...coupon, issuedCount: 4 };

function edit(fields: Partial<CouponEdit['fields']> = {}, rest: Partial<CouponEdit> = {}): CouponEdit {
  const { name, terms, quantity } = coupon;
  return {
    fields: { name, terms, quantity, ...fields },
    isStopped: false,
    hasSeen: (version) => version === 3,
    ...rest,
  };
}
const terms = (changes: Partial<Coupon['terms']>) =>
  edit({ terms: { ...coupon.terms, ...changes } as Coupon['terms'] });
const fixed = (...fields: string[]) => ({ code: 'coupon_not_editable', reason: 'terms_fixed', fields });

describe('decideCouponEdit', () => {
  const changes: readonly [field: string, edit: CouponEdit][] = [
    ['discount', terms({ percent: 11 })],
    ['discount', terms({ discountMaxKrw: 501 })],
    ['discount', edit({ terms: { ...coupon.terms, kind: 'FIXED', amountKrw: 10 } as Coupon['terms'] })],
    ['minimumOrder', terms({ minimumOrderKrw: 99 })],
    ['validFrom', terms({ validFrom: later(-1) })],
    ['validUntil', terms({ validUntil: later(999) })],
  ];
  for (const [field, change] of changes) {
    it(`changes ${field} while none is issued and rejects the change afterwards`, () => {
      expect(decideCouponEdit(coupon, change, NOW)).to.deep.equal({
        code: 'edited',
        coupon: { ...coupon, ...change.fields, version: 4 },
      });
      expect(decideCouponEdit(issued, change, NOW)).to.deep.equal(fixed(field));
    });
  }

  it('keeps the amount of an issued coupon that takes a fixed amount off', () => {
    const { minimumOrderKrw, validFrom, validUntil } = coupon.terms;
    const off = (amountKrw: number) =>
      ({ kind: 'FIXED', amountKrw, minimumOrderKrw, validFrom, validUntil }) as const;
    const before = { ...issued, terms: off(1000) };
    expect(decideCouponEdit(before, edit({ terms: off(1001) }), NOW)).to.deep.equal(fixed('discount'));
    expect(decideCouponEdit(before, edit({ terms: off(1000) }), NOW).code).to.equal('edited');
  });

  it('names every fixed field at once', () => {
    const all = terms({ percent: 1, minimumOrderKrw: 0, validFrom: later(-5), validUntil: later(5000) });
    expect(decideCouponEdit(issued, all, NOW)).to.deep.equal(fixed('discount', 'minimumOrder', 'validFrom'));
  });

  it('extends the validity and changes the name of an issued coupon', () => {
    const change = edit({ name: 'Spring', terms: { ...coupon.terms, validUntil: later(1001) } });
    expect(decideCouponEdit(issued, change, NOW)).to.deep.equal({
      code: 'edited',
      coupon: { ...issued, ...change.fields, version: 4 },
    });
  });

  it('lowers the quantity to the number issued and not below', () => {
    expect(decideCouponEdit(issued, edit({ quantity: 4 }), NOW).code).to.equal('edited');
    expect(decideCouponEdit(issued, edit({ quantity: 3 }), NOW)).to.deep.equal({
      code: 'coupon_not_editable',
      reason: 'quantity_below_issued',
      issued: 4,
    });
  });

  it('stops a coupon, keeps the time of the first stop, and reactivates the coupon', () => {
    const stoppedAt = (before: Coupon, isStopped: boolean) => {
      const decision = decideCouponEdit(before, edit({}, { isStopped }), NOW);
      return decision.code === 'edited' ? decision.coupon.stoppedAt : decision;
    };
    expect(stoppedAt(issued, true)).to.equal(NOW);
    expect(stoppedAt({ ...issued, stoppedAt: later(-9) }, true)).to.deep.equal(later(-9));
    expect(stoppedAt({ ...issued, stoppedAt: later(-9) }, false)).to.equal(undefined);
  });

  it('returns the first applicable result of its table', () => {
    const change = { ...terms({ percent: 99 }).fields, quantity: 1 };
    const unseen = edit(change, { hasSeen: () => false });
    expect(decideCouponEdit(issued, unseen, NOW)).to.deep.equal({ code: 'precondition_failed' });
    expect(decideCouponEdit(issued, edit(change), NOW)).to.deep.equal(fixed('discount'));
    expect([...couponEditRefusals]).to.deep.equal(['terms_fixed', 'quantity_below_issued']);
  });
});
