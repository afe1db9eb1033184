import { expect } from 'chai';
import { type Arbitrary, assert as check, constant, integer, nat, oneof, property, record } from 'fast-check';
import { decideCoupon } from '../../../app/orders/decide-coupon.ts';
import { apiQuery, listingSearch, readListingQuery } from '../../../app/web/shop/catalogue/listing-query.ts';
import { discountOf, type DiscountTerms } from '../../../app/web/shop/checkout/discount.ts';
import { paths, safeNext } from '../../../app/web/shop/paths.ts';
import { saleStateOf } from '../../../app/web/shop/product/sale-window.ts';
import { en } from '../../../app/web/shop/words/en.ts';
import { ko } from '../../../app/web/shop/words/ko.ts';

const at = new Date('2026-06-01T00:00:00Z');

describe('the shop page', () => {
  it('shows the discount that the shop will deduct', () => {
    const discount = oneof(
      record({ kind: constant('FIXED' as const), amount: integer({ min: 1, max: 1_000_000 }) }),
      record({
        kind: constant('PERCENT' as const),
        percent: integer({ min: 1, max: 100 }),
        max: integer({ min: 1, max: 1_000_000 }),
      }),
    );
    const terms: Arbitrary<DiscountTerms> = record({ discount, minimumOrder: nat(2_000_000) });
    check(
      property(terms, nat(4_000_000), (coupon, subtotalKrw) => {
        const decision = decideCoupon(
          { userId: 'a', status: 'ISSUED', isStopped: false, terms: couponTermsOf(coupon) },
          { userId: 'a', subtotalKrw, at },
        );
        const expected = decision.code === 'discounted' ? decision.discountKrw : 0;
        expect(discountOf(coupon, subtotalKrw)).to.equal(expected);
      }),
    );
    expect(discountOf(undefined, 1000)).to.equal(0);
  });

  it('keeps search and filters in the address, and drops what it does not know', () => {
    const asked = readListingQuery({ q: ' tea ', sort: 'price_asc', min: '20000', stock: 'yes', x: 'y' });
    expect(listingSearch(asked)).to.equal('?q=tea&sort=price_asc&min=20000&stock=yes');
    expect(apiQuery(asked)).to.deep.equal({ q: 'tea', sort: 'price_asc', minPrice: 20_000, inStock: true });
    expect(listingSearch(readListingQuery({ sort: 'odd', min: '-1', max: 'x', stock: 'no' }))).to.equal('');
  });

  it('leads to its own views only after a log-in', () => {
    expect(safeNext('/shop/orders/0199')).to.equal('/shop/orders/0199');
    expect(safeNext(paths.buy('0199', 2))).to.equal('/shop/buy/0199?quantity=2');
    for (const odd of [undefined, '', 'https://evil.example', '//evil.example', '/shop/../console/', '/docs'])
      expect(safeNext(odd), odd).to.equal('/shop/');
    expect(paths.logIn('/shop/cart')).to.equal('/shop/log-in?next=%2Fshop%2Fcart');
  });

  it('knows whether a sale is before, open, over or without an end', () => {
    const now = Date.parse('2026-06-01T12:00:00Z');
    const saleFrom = '2026-06-01T11:00:00Z';
    const saleUntil = '2026-06-01T13:00:00Z';
    expect(saleStateOf({}, now)).to.deep.equal({ code: 'always' });
    expect(saleStateOf({ saleFrom: null, saleUntil: null }, now)).to.deep.equal({ code: 'always' });
    expect(saleStateOf({ saleFrom: saleUntil }, now)).to.deep.equal({
      code: 'before',
      startsInMs: 3_600_000,
    });
    expect(saleStateOf({ saleFrom, saleUntil }, now)).to.deep.equal({ code: 'open', endsInMs: 3_600_000 });
    expect(saleStateOf({ saleFrom }, now)).to.deep.equal({ code: 'open', endsInMs: undefined });
    expect(saleStateOf({ saleUntil: saleFrom }, now)).to.deep.equal({ code: 'over' });
  });

  it('says something in both languages wherever it speaks', () => {
    const leaves = (node: object, path = ''): string[] =>
      Object.entries(node).flatMap(([name, value]) => {
        if (typeof value === 'object' && value !== null) return leaves(value as object, `${path}.${name}`);
        expect(value, `${path}.${name}`).to.not.equal('');
        return [`${path}.${name}`];
      });
    expect(leaves(ko)).to.deep.equal(leaves(en));
    expect(leaves(ko)).to.have.lengthOf.above(150);
  });
});

function couponTermsOf({ discount, minimumOrder: minimumOrderKrw }: DiscountTerms) {
  const window = { validFrom: new Date(0), validUntil: new Date('2099-01-01T00:00:00Z'), minimumOrderKrw };
  return discount.kind === 'FIXED'
    ? { kind: discount.kind, amountKrw: discount.amount, ...window }
    : { kind: discount.kind, percent: discount.percent, discountMaxKrw: discount.max, ...window };
}
