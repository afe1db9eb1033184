import assert from 'node:assert/strict';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { UserCouponState } from '../../app/orders/decide-coupon.ts';
import {
  evaluateOrders,
  type OrderRequest,
  type OrderResult,
  type OrderSnapshot,
  pairKey,
} from '../../app/orders/evaluate-orders.ts';
import { checkProperty } from '../support/check-property.ts';

/** Generates plain objects: fast-check's own sometimes have no prototype, which is not under test here. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true });

const productIds = ['p1', 'p2', 'p3'];
const userIds = ['u1', 'u2', 'u3'];
/** Two coupons per user. */
const couponIds = ['u1-a', 'u1-b', 'u2-a', 'u2-b', 'u3-a', 'u3-b'];
const ownerOf = (couponId: string) => couponId.slice(0, 2);
const quantity = fc.integer({ min: 1, max: 4 });
const NOW = new Date('2026-03-01T12:00:00.000Z');
const fromNow = (ms: number | undefined) => (ms === undefined ? undefined : new Date(NOW.getTime() + ms));

/** Mostly usable coupons; some are used, stopped, expired, not yet valid or require larger orders. */
const couponArbitrary: fc.Arbitrary<Omit<UserCouponState, 'userId'>> = record({
  status: fc.constantFrom(...Array<'ISSUED'>(5).fill('ISSUED'), 'USED' as const),
  isStopped: fc.constantFrom(...Array<false>(7).fill(false), true as const),
  window: fc.constantFrom(...Array.from({ length: 6 }, (): [number, number] => [-1, 1]), [-1, 0], [1, 2]),
  minimumOrderKrw: fc.constantFrom(0, 0, 150),
  effect: fc.oneof(
    record({ kind: fc.constant('FIXED' as const), amountKrw: fc.integer({ min: 1, max: 400 }) }),
    record({
      kind: fc.constant('PERCENT' as const),
      percent: fc.integer({ min: 1, max: 100 }),
      discountMaxKrw: fc.integer({ min: 1, max: 200 }),
    }),
  ),
}).map(({ status, isStopped, window: [from, until], minimumOrderKrw, effect }) => ({
  status,
  isStopped,
  terms: {
    ...effect,
    minimumOrderKrw,
    validFrom: new Date(NOW.getTime() + from),
    validUntil: new Date(NOW.getTime() + until),
  },
}));

const snapshotArbitrary: fc.Arbitrary<OrderSnapshot> = fc
  .tuple(
    fc.tuple(...productIds.map(() => record({ quantity: fc.nat(60), version: fc.nat(5) }))),
    fc.tuple(
      ...productIds.map(() =>
        record({
          name: fc.constant('thing'),
          priceKrw: fc.nat(100),
          status: fc.constantFrom(...Array<'ACTIVE'>(9).fill('ACTIVE'), 'INACTIVE' as const),
          purchaseLimit: fc.constantFrom(...Array<undefined>(9).fill(undefined), 1, 3, 6),
          saleFrom: fc.constantFrom(...Array<undefined>(9).fill(undefined), -1, 0, 1).map(fromNow),
          saleUntil: fc.constantFrom(...Array<undefined>(9).fill(undefined), 0, 2).map(fromNow),
        }),
      ),
    ),
    fc.tuple(...userIds.map(() => record({ balanceKrw: fc.nat(3000), version: fc.nat(5) }))),
    fc.tuple(...couponIds.map(() => couponArbitrary)),
  )
  .map(([stock, products, wallets, coupons]) => ({
    products: new Map(products.map((product, index) => [productIds[index] as string, product])),
    stock: new Map(stock.map((row, index) => [productIds[index] as string, row])),
    wallets: new Map(wallets.map((row, index) => [userIds[index] as string, row])),
    earlier: new Map(),
    unitsHeld: new Map(),
    userCoupons: new Map(
      coupons.map((coupon, index) => [
        couponIds[index] as string,
        { ...coupon, userId: ownerOf(couponIds[index] as string) },
      ]),
    ),
    at: NOW,
  }));

/** Few users, few keys and two hashes, so that replays and reused keys are common. */
const requestsArbitrary: fc.Arbitrary<OrderRequest[]> = fc
  .array(
    record({
      userId: fc.constantFrom(...userIds),
      idempotencyKey: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5'),
      requestHash: fc.constantFrom(1, 1, 1, 2).map((byte) => Buffer.alloc(32, byte)),
      // p4 does not exist.
      lines: fc.array(
        record({
          productId: fc.constantFrom(...productIds, ...productIds, ...productIds, ...productIds, 'p4'),
          quantity,
        }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      expectedTotalKrw: fc.constantFrom(undefined, undefined, undefined, 100),
      // Mostly the user's own coupons; u4-a does not exist.
      coupon: fc.constantFrom(undefined, undefined, '-a', '-a', '-b', 'u1-a', 'u4-a'),
    }),
    { minLength: 1, maxLength: 25, size: 'max' },
  )
  .map((requests) =>
    requests.map(({ coupon, ...request }, index) => ({
      ...request,
      orderId: `order-${index}`,
      userCouponId: coupon?.startsWith('-') ? `${request.userId}${coupon}` : coupon,
    })),
  );

/** Returns the snapshot that the next group would read from the database. */
function apply(snapshot: OrderSnapshot, evaluation: ReturnType<typeof evaluateOrders>): OrderSnapshot {
  const earlier = new Map(snapshot.earlier);
  const unitsHeld = new Map(snapshot.unitsHeld);
  const userCoupons = new Map(snapshot.userCoupons);
  for (const { order } of accepted(evaluation.results)) {
    const coupon = userCoupons.get(order.userCouponId ?? '');
    if (order.userCouponId && coupon) userCoupons.set(order.userCouponId, { ...coupon, status: 'USED' });
    earlier.set(pairKey(order.userId, order.idempotencyKey), order);
    for (const item of order.items) {
      const key = pairKey(order.userId, item.productId);
      unitsHeld.set(key, (unitsHeld.get(key) ?? 0) + item.quantity);
    }
  }
  return {
    products: snapshot.products,
    stock: evaluation.stock,
    wallets: evaluation.wallets,
    earlier,
    unitsHeld,
    userCoupons,
    at: snapshot.at,
  };
}

function accepted(results: readonly OrderResult[]) {
  return results.flatMap((result) => (result.code === 'accepted' ? [result] : []));
}

describe('evaluateOrders, for any snapshot and any orders', () => {
  it('decides a group of n like n groups of one: same results, same final state', () =>
    checkProperty(
      fc.property(snapshotArbitrary, requestsArbitrary, (snapshot, requests) => {
        const group = evaluateOrders(snapshot, requests);
        let state = snapshot;
        const single = requests.map((request) => {
          const evaluation = evaluateOrders(state, [request]);
          state = apply(state, evaluation);
          return evaluation.results[0];
        });
        assert.deepStrictEqual(group.results, single);
        assert.deepStrictEqual(apply(snapshot, group), state);
      }),
    ));

  it('conserves units and money, and nothing becomes negative', () =>
    checkProperty(
      fc.property(snapshotArbitrary, requestsArbitrary, (snapshot, requests) => {
        const { results, stock, wallets } = evaluateOrders(snapshot, requests);
        const orders = accepted(results).map(({ order }) => order);
        for (const [productId, before] of snapshot.stock) {
          const items = orders.flatMap((order) => order.items.filter((item) => item.productId === productId));
          const sold = items.reduce((sum, item) => sum + item.quantity, 0);
          expect(stock.get(productId)).to.deep.equal({
            quantity: before.quantity - sold,
            version: before.version + items.length,
          });
          expect(before.quantity - sold).to.be.at.least(0);
          // Checks the chain: every version once, in order of arrival, with consistent `after` values.
          let after = before.quantity;
          for (const [index, item] of items.entries()) {
            after -= item.quantity;
            expect(item).to.include({ stockSeq: before.version + index + 1, stockAfter: after });
          }
        }
        for (const [userId, before] of snapshot.wallets) {
          const own = orders.filter((order) => order.userId === userId);
          const paid = own.reduce((sum, order) => sum + order.totalKrw, 0);
          expect(wallets.get(userId)).to.deep.equal({
            balanceKrw: before.balanceKrw - paid,
            version: before.version + own.length,
          });
          expect(before.balanceKrw - paid).to.be.at.least(0);
        }
      }),
    ));

  it('uses a coupon once, for its owner, with a discount no larger than the order', () => {
    let usedCount = 0;
    return checkProperty(
      fc.property(snapshotArbitrary, requestsArbitrary, (snapshot, requests) => {
        const orders = accepted(evaluateOrders(snapshot, requests).results).map(({ order }) => order);
        const used = new Set<string>();
        for (const { userId, userCouponId, items, subtotalKrw, discountKrw, totalKrw } of orders) {
          expect(subtotalKrw).to.equal(
            items.reduce((sum, { unitPriceKrw, quantity }) => sum + unitPriceKrw * quantity, 0),
          );
          expect(totalKrw).to.equal(subtotalKrw - discountKrw);
          expect(totalKrw).to.be.at.least(0);
          if (userCouponId === undefined) {
            expect(discountKrw).to.equal(0);
            continue;
          }
          expect(discountKrw).to.be.at.least(0);
          expect(snapshot.userCoupons.get(userCouponId)).to.include({
            userId,
            status: 'ISSUED',
            isStopped: false,
          });
          expect(used.has(userCouponId), 'one coupon in two orders').to.equal(false);
          used.add(userCouponId);
          usedCount += 1;
        }
      }),
    ).then(() => expect(usedCount, 'orders with a coupon').to.be.greaterThan(100));
  });

  it('rejects orders with a stopped coupon and decides the others as if those had not been sent', () => {
    let refusedCount = 0;
    return checkProperty(
      fc.property(snapshotArbitrary, requestsArbitrary, (snapshot, requests) => {
        const stopped = 'u1-a';
        const coupon = snapshot.userCoupons.get(stopped);
        const userCoupons = new Map(snapshot.userCoupons).set(stopped, { ...coupon!, isStopped: true });
        const { results, ...after } = evaluateOrders({ ...snapshot, userCoupons }, requests);
        const refused = new Set<OrderRequest>();
        for (const [index, request] of requests.entries()) {
          const { code } = results[index] as OrderResult;
          if (request.userCouponId !== stopped) continue;
          expect(code).not.to.equal('accepted');
          if (code !== 'replayed') refused.add(request);
        }
        const others = requests.filter((request) => !refused.has(request));
        const without = evaluateOrders({ ...snapshot, userCoupons }, others);
        assert.deepStrictEqual(
          results.filter((_, index) => !refused.has(requests[index] as OrderRequest)),
          without.results,
        );
        assert.deepStrictEqual(after, { stock: without.stock, wallets: without.wallets });
        refusedCount += refused.size;
      }),
    ).then(() => expect(refusedCount, 'orders with the stopped coupon').to.be.greaterThan(100));
  });

  it('sells nothing outside the time of its sale, and everything else as if that were not ordered', () => {
    let refusedCount = 0;
    return checkProperty(
      fc.property(snapshotArbitrary, requestsArbitrary, (snapshot, requests) => {
        const { results } = evaluateOrders(snapshot, requests);
        for (const { order } of accepted(results)) {
          for (const { productId } of order.items) {
            const { saleFrom = NOW, saleUntil } = snapshot.products.get(productId)!;
            expect(saleFrom.getTime()).to.be.at.most(NOW.getTime());
            expect(saleUntil?.getTime() ?? Infinity).to.be.greaterThan(NOW.getTime());
          }
        }
        const refused = results.map(({ code }) => code === 'sale_not_open');
        refusedCount += refused.filter(Boolean).length;
        const others = requests.filter((_, index) => !refused[index]);
        assert.deepStrictEqual(
          results.filter((_, index) => !refused[index]),
          evaluateOrders(snapshot, others).results,
        );
      }),
    ).then(() => expect(refusedCount, 'orders outside a sale').to.be.greaterThan(100));
  });

  it('accepts at most one order per key, and every replay names it', () =>
    checkProperty(
      fc.property(snapshotArbitrary, requestsArbitrary, (snapshot, requests) => {
        const { results } = evaluateOrders(snapshot, requests);
        const byKey = new Map<string, string>();
        for (const [index, result] of results.entries()) {
          const { userId, idempotencyKey } = requests[index] as OrderRequest;
          const key = pairKey(userId, idempotencyKey);
          if (result.code === 'accepted') {
            expect(byKey.has(key), 'a second order under one key').to.equal(false);
            byKey.set(key, result.order.orderId);
          }
          if (result.code === 'replayed') expect(result.orderId).to.equal(byKey.get(key));
        }
      }),
    ));
});
