import { expect } from 'chai';
import {
  type CouponClaim,
  decideIssues,
  holderKey,
  type IssueSnapshot,
} from '../../app/coupons/decide-issues.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const SALE = 'sale';
const terms = {
  kind: 'FIXED' as const,
  amountKrw: 1,
  minimumOrderKrw: 0,
  validFrom: new Date(NOW.getTime() - 1000),
  validUntil: new Date(NOW.getTime() + 1000),
};

function snapshot({
  quantity = 3,
  issuedCount = 0,
  at = NOW,
  held = [] as CouponClaim[],
  stoppedAt = undefined as Date | undefined,
} = {}): IssueSnapshot {
  return {
    coupons: new Map([[SALE, { terms, quantity, issuedCount, stoppedAt }]]),
    held: new Map(held.map((claim) => [holderKey(claim), { ...claim, issuedAt: NOW }])),
    at,
  };
}

const claim = (userId: string, userCouponId = `of-${userId}`): CouponClaim => ({
  userCouponId,
  couponId: SALE,
  userId,
});
const codes = (given: IssueSnapshot, claims: readonly CouponClaim[]) =>
  decideIssues(given, claims).results.map(({ code }) => code);

describe('decideIssues', () => {
  it('issues the remaining coupons in the order of the claims, and reports the rest after each', () => {
    const { results, issued } = decideIssues(snapshot({ issuedCount: 1 }), [
      claim('ann'),
      claim('bob'),
      claim('cid'),
    ]);
    expect(results).to.deep.equal([
      { code: 'issued', issued: { ...claim('ann'), issuedAt: NOW }, left: 1 },
      { code: 'issued', issued: { ...claim('bob'), issuedAt: NOW }, left: 0 },
      { code: 'coupon_sold_out' },
    ]);
    expect(issued.map(({ userId }) => userId)).to.deep.equal(['ann', 'bob']);
  });

  it('issues one per user, in this group or earlier, and names it', () => {
    const given = snapshot({ issuedCount: 1, held: [claim('ann', 'old')] });
    expect(decideIssues(given, [claim('ann'), claim('bob'), claim('bob', 'again')]).results).to.deep.equal([
      { code: 'coupon_already_issued', userCouponId: 'old' },
      { code: 'issued', issued: { ...claim('bob'), issuedAt: NOW }, left: 1 },
      { code: 'coupon_already_issued', userCouponId: 'of-bob' },
    ]);
  });

  it('recognises a claim that an earlier run recorded, whatever happened to the coupon since', () => {
    const later = new Date(terms.validUntil.getTime() + 1);
    const given = snapshot({ issuedCount: 3, held: [claim('ann')], at: later, stoppedAt: NOW });
    const { results, issued } = decideIssues(given, [claim('ann')]);
    expect(results).to.deep.equal([{ code: 'issued', issued: { ...claim('ann'), issuedAt: NOW }, left: 0 }]);
    expect(issued).to.deep.equal([]);
  });

  it('issues from the first moment of the window until before its end', () => {
    const last = new Date(terms.validUntil.getTime() - 1);
    for (const at of [terms.validFrom, last]) {
      expect(codes(snapshot({ at }), [claim('ann')])).to.deep.equal(['issued']);
    }
  });

  it('returns the first reason of its table', () => {
    const held = [claim('ann', 'old')];
    const full = { issuedCount: 3, held };
    const before = new Date(terms.validFrom.getTime() - 1);
    expect(codes(snapshot(full), [{ ...claim('ann'), couponId: 'other' }])).to.deep.equal([
      'coupon_not_found',
    ]);
    expect(
      decideIssues(snapshot({ ...full, at: before, stoppedAt: NOW }), [claim('ann')]).results,
    ).to.deep.equal([{ code: 'coupon_not_usable', reason: 'stopped' }]);
    expect(decideIssues(snapshot({ ...full, at: before }), [claim('ann')]).results).to.deep.equal([
      { code: 'coupon_not_usable', reason: 'not_yet_valid' },
    ]);
    expect(decideIssues(snapshot({ ...full, at: terms.validUntil }), [claim('ann')]).results).to.deep.equal([
      { code: 'coupon_not_usable', reason: 'expired' },
    ]);
    expect(codes(snapshot(full), [claim('ann'), claim('bob')])).to.deep.equal([
      'coupon_already_issued',
      'coupon_sold_out',
    ]);
  });

  it('counts each coupon separately', () => {
    const given: IssueSnapshot = {
      ...snapshot(),
      coupons: new Map([
        ['a', { terms, quantity: 1, issuedCount: 0, stoppedAt: undefined }],
        ['b', { terms, quantity: 1, issuedCount: 0, stoppedAt: undefined }],
      ]),
    };
    const of = (couponId: string, userId: string) => ({ ...claim(userId, `${couponId}${userId}`), couponId });
    expect(codes(given, [of('a', 'ann'), of('b', 'ann'), of('a', 'bob'), of('b', 'bob')])).to.deep.equal([
      'issued',
      'issued',
      'coupon_sold_out',
      'coupon_sold_out',
    ]);
  });
});
