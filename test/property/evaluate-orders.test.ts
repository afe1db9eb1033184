import assert from 'node:assert/strict';
import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  evaluateOrders,
  type OrderRequest,
  type OrderResult,
  type OrderSnapshot,
  pairKey,
} from '../../app/orders/evaluate-orders.ts';
import { checkProperty } from '../support/check-property.ts';

/** Plain objects: fast-check's own have no prototype at times, which is not what is tested here. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true });

const productIds = ['p1', 'p2', 'p3'];
const userIds = ['u1', 'u2', 'u3'];
const quantity = fc.integer({ min: 1, max: 4 });

const snapshotArbitrary: fc.Arbitrary<OrderSnapshot> = fc
  .tuple(
    fc.tuple(...productIds.map(() => record({ quantity: fc.nat(12), version: fc.nat(5) }))),
    fc.tuple(
      ...productIds.map(() =>
        record({
          name: fc.constant('thing'),
          priceKrw: fc.nat(100),
          status: fc.constantFrom(
            'ACTIVE' as const,
            'ACTIVE' as const,
            'ACTIVE' as const,
            'INACTIVE' as const,
          ),
          purchaseLimit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        }),
      ),
    ),
    fc.tuple(...userIds.map(() => record({ balanceKrw: fc.nat(900), version: fc.nat(5) }))),
  )
  .map(([stock, products, wallets]) => ({
    products: new Map(products.map((product, index) => [productIds[index] as string, product])),
    stock: new Map(stock.map((row, index) => [productIds[index] as string, row])),
    wallets: new Map(wallets.map((row, index) => [userIds[index] as string, row])),
    earlier: new Map(),
    unitsHeld: new Map(),
  }));

/** Few users, few keys and two hashes, so that replays and reuses of keys are common. */
const requestsArbitrary: fc.Arbitrary<OrderRequest[]> = fc
  .array(
    record({
      userId: fc.constantFrom(...userIds),
      idempotencyKey: fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5'),
      requestHash: fc.constantFrom(1, 1, 1, 2).map((byte) => Buffer.alloc(32, byte)),
      // p4 does not exist.
      lines: fc.array(record({ productId: fc.constantFrom(...productIds, ...productIds, 'p4'), quantity }), {
        minLength: 1,
        maxLength: 4,
      }),
      expectedTotalKrw: fc.constantFrom(undefined, undefined, undefined, 100),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((requests) => requests.map((request, index) => ({ ...request, orderId: `order-${index}` })));

/** What the database would hold for the next group. */
function apply(snapshot: OrderSnapshot, evaluation: ReturnType<typeof evaluateOrders>): OrderSnapshot {
  const earlier = new Map(snapshot.earlier);
  const unitsHeld = new Map(snapshot.unitsHeld);
  for (const { order } of accepted(evaluation.results)) {
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
  };
}

function accepted(results: readonly OrderResult[]) {
  return results.flatMap((result) => (result.code === 'accepted' ? [result] : []));
}

describe('evaluateOrders, for any snapshot and any orders', () => {
  it('decides a group of n as n groups of one, with the same results and the same final state', () =>
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

  it('conserves units and money, and never goes below zero', () =>
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
          // The chain: every version once, in order of arrival, and every `after` follows.
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

  it('accepts at most one order a key and every replay names it', () =>
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
