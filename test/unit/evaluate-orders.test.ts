import { expect } from 'chai';
import type { UserCouponState } from '../../app/orders/decide-coupon.ts';
import {
  evaluateOrders,
  type OrderRequest,
  type OrderSnapshot,
  pairKey,
} from '../../app/orders/evaluate-orders.ts';

const CUP = 'cup';
const PEN = 'pen';
const ANN = 'ann';
const HASH = Buffer.alloc(32, 1);
const NOW = new Date('2026-03-01T12:00:00.000Z');
const HELD = 'held-1';
const OTHER_HASH = Buffer.alloc(32, 2);

function snapshot(changes: Partial<OrderSnapshot> = {}): OrderSnapshot {
  const product = (name: string, priceKrw: number) => ({
    name,
    priceKrw,
    status: 'ACTIVE' as const,
    purchaseLimit: undefined,
  });
  return {
    products: new Map([
      [CUP, product('Cup', 300)],
      [PEN, product('Pen', 50)],
    ]),
    stock: new Map([
      [CUP, { quantity: 5, version: 7 }],
      [PEN, { quantity: 100, version: 1 }],
    ]),
    wallets: new Map([[ANN, { balanceKrw: 1000, version: 3 }]]),
    earlier: new Map(),
    unitsHeld: new Map(),
    userCoupons: new Map(),
    at: NOW,
    ...changes,
  };
}

/** Ann's coupon: 100 off orders of 300 or more, valid for two hours from an hour ago. */
function userCoupons(changes: Partial<UserCouponState['terms']> & { userId?: string } = {}) {
  const { userId = ANN, ...terms } = changes;
  const coupon: UserCouponState = {
    userId,
    status: 'ISSUED',
    isStopped: false,
    terms: {
      kind: 'FIXED',
      amountKrw: 100,
      minimumOrderKrw: 300,
      validFrom: new Date(NOW.getTime() - 3_600_000),
      validUntil: new Date(NOW.getTime() + 3_600_000),
      ...terms,
    } as UserCouponState['terms'],
  };
  return new Map([[HELD, coupon]]);
}

function request(changes: Partial<OrderRequest> = {}): OrderRequest {
  return {
    orderId: 'order-1',
    userId: ANN,
    idempotencyKey: 'key-1',
    requestHash: HASH,
    lines: [{ productId: CUP, quantity: 2 }],
    expectedTotalKrw: undefined,
    userCouponId: undefined,
    ...changes,
  };
}

const limited = (limit: number) =>
  new Map([[CUP, { name: 'Cup', priceKrw: 300, status: 'ACTIVE' as const, purchaseLimit: limit }]]);

const only = (given: OrderSnapshot, wanted: OrderRequest) => evaluateOrders(given, [wanted]).results[0];

describe('evaluateOrders', () => {
  it('accepts an order and numbers its stock and balance entries', () => {
    const { results, stock, wallets } = evaluateOrders(snapshot(), [request()]);
    expect(results).to.deep.equal([
      {
        code: 'accepted',
        order: {
          orderId: 'order-1',
          userId: ANN,
          idempotencyKey: 'key-1',
          requestHash: HASH,
          items: [
            {
              productId: CUP,
              productName: 'Cup',
              unitPriceKrw: 300,
              quantity: 2,
              stockAfter: 3,
              stockSeq: 8,
            },
          ],
          subtotalKrw: 600,
          discountKrw: 0,
          totalKrw: 600,
          userCouponId: undefined,
          balanceAfterKrw: 400,
          balanceSeq: 4,
        },
      },
    ]);
    expect(stock.get(CUP)).to.deep.equal({ quantity: 3, version: 8 });
    expect(wallets.get(ANN)).to.deep.equal({ balanceKrw: 400, version: 4 });
  });

  it('does not change the snapshot', () => {
    const given = snapshot();
    evaluateOrders(given, [request()]);
    expect(given).to.deep.equal(snapshot());
  });

  it('sums up the lines of a product before it checks the stock', () => {
    const lines = [
      { productId: CUP, quantity: 3 },
      { productId: PEN, quantity: 1 },
      { productId: CUP, quantity: 3 },
    ];
    expect(only(snapshot(), request({ lines }))).to.deep.equal({
      code: 'out_of_stock',
      productId: CUP,
      requested: 6,
      available: 5,
    });
  });

  it('accepts an order for the last unit and the last won', () => {
    const given = snapshot({ wallets: new Map([[ANN, { balanceKrw: 1500, version: 0 }]]) });
    const result = only(given, request({ lines: [{ productId: CUP, quantity: 5 }] }));
    expect(result).to.have.property('code', 'accepted');
    expect(result).to.have.nested.property('order.balanceAfterKrw', 0);
  });

  it('decides in order of arrival: what the first order buys, the second cannot', () => {
    const { results } = evaluateOrders(
      snapshot({ wallets: new Map([[ANN, { balanceKrw: 9999, version: 0 }]]) }),
      [
        request({ lines: [{ productId: CUP, quantity: 4 }] }),
        request({ orderId: 'order-2', idempotencyKey: 'key-2', lines: [{ productId: CUP, quantity: 2 }] }),
        request({ orderId: 'order-3', idempotencyKey: 'key-3', lines: [{ productId: CUP, quantity: 1 }] }),
      ],
    );
    expect(results.map(({ code }) => code)).to.deep.equal(['accepted', 'out_of_stock', 'accepted']);
  });

  it('replays a key that an earlier order of the same group used', () => {
    const { results } = evaluateOrders(snapshot(), [request(), request({ orderId: 'order-2' })]);
    expect(results[1]).to.deep.equal({ code: 'replayed', orderId: 'order-1' });
  });

  it('accepts one of two orders that read the same cart', () => {
    const fromCart = { walletVersion: 3 };
    const lines = [{ productId: CUP, quantity: 1 }];
    const first = request({ fromCart, lines });
    const second = { ...first, orderId: 'order-2', idempotencyKey: 'key-2' };
    const { results } = evaluateOrders(snapshot(), [first, second]);
    expect(results.map(({ code }) => code)).to.deep.equal(['accepted', 'cart_outdated']);
  });

  describe('returns the first reason of its table:', () => {
    const earlier = new Map([[pairKey(ANN, 'key-1'), { orderId: 'order-0', requestHash: HASH }]]);
    const nothing = { stock: new Map(), wallets: new Map([[ANN, { balanceKrw: 0, version: 0 }]]) };

    it('replayed before everything else', () => {
      expect(only(snapshot({ ...nothing, earlier }), request())).to.deep.equal({
        code: 'replayed',
        orderId: 'order-0',
      });
    });
    it('idempotency_key_reused before product_not_found', () => {
      const result = only(snapshot({ ...nothing, earlier }), request({ requestHash: OTHER_HASH }));
      expect(result).to.deep.equal({ code: 'idempotency_key_reused' });
    });
    it('idempotency_key_reused before cart_outdated', () => {
      const result = only(
        snapshot({ ...nothing, earlier }),
        request({ requestHash: OTHER_HASH, fromCart: { walletVersion: 9 } }),
      );
      expect(result).to.deep.equal({ code: 'idempotency_key_reused' });
    });
    it('cart_outdated before product_not_found', () => {
      const result = only(snapshot(nothing), request({ fromCart: { walletVersion: 9 } }));
      expect(result).to.deep.equal({ code: 'cart_outdated' });
    });
    it('product_not_found before purchase_limit_exceeded', () => {
      const given = snapshot({ ...nothing, products: limited(1) });
      expect(only(given, request())).to.deep.equal({ code: 'product_not_found', productId: CUP });
    });
    it('purchase_limit_exceeded before out_of_stock', () => {
      const given = snapshot({ products: limited(6), unitsHeld: new Map([[pairKey(ANN, CUP), 1]]) });
      expect(only(given, request({ lines: [{ productId: CUP, quantity: 6 }] }))).to.deep.equal({
        code: 'purchase_limit_exceeded',
        productId: CUP,
        limit: 6,
        held: 1,
      });
    });
    it('out_of_stock before coupon_not_usable', () => {
      const wanted = request({ lines: [{ productId: CUP, quantity: 6 }], userCouponId: HELD });
      expect(only(snapshot(), wanted)).to.have.property('code', 'out_of_stock');
    });
    it('coupon_not_usable before price_changed', () => {
      const wanted = request({ userCouponId: HELD, expectedTotalKrw: 1 });
      expect(only(snapshot(), wanted)).to.deep.equal({ code: 'coupon_not_usable', reason: 'not_found' });
    });
    it('price_changed before insufficient_balance', () => {
      const wanted = request({ lines: [{ productId: CUP, quantity: 5 }], expectedTotalKrw: 1 });
      expect(only(snapshot(), wanted)).to.deep.equal({ code: 'price_changed', totalKrw: 1500 });
    });
    it('insufficient_balance last', () => {
      expect(only(snapshot(), request({ lines: [{ productId: CUP, quantity: 5 }] }))).to.deep.equal({
        code: 'insufficient_balance',
        balanceKrw: 1000,
        totalKrw: 1500,
      });
    });
  });

  it('names the reason that comes first in the table, whichever line it concerns', () => {
    const lines = (...ids: string[]) => ids.map((productId) => ({ productId, quantity: 101 }));
    const short = { productId: CUP, code: 'out_of_stock', requested: 101, available: 5 };
    const unknown = { productId: 'none', code: 'product_not_found' };
    expect(only(snapshot(), request({ lines: lines(CUP, 'none') }))).to.deep.equal(unknown);
    expect(only(snapshot(), request({ lines: lines('none', CUP) }))).to.deep.equal(unknown);
    // If several lines have the same reason, the first line is named.
    expect(only(snapshot(), request({ lines: lines(CUP, PEN) }))).to.deep.equal(short);
  });

  it('does not sell a product that is inactive, unknown or without a stock row', () => {
    const inactive = snapshot({
      products: new Map([[CUP, { name: 'Cup', priceKrw: 1, status: 'INACTIVE', purchaseLimit: undefined }]]),
    });
    for (const given of [inactive, snapshot({ products: new Map() }), snapshot({ stock: new Map() })]) {
      expect(only(given, request())).to.deep.equal({ code: 'product_not_found', productId: CUP });
    }
  });

  it('counts earlier orders of the group towards the purchase limit', () => {
    const { results } = evaluateOrders(snapshot({ products: limited(3) }), [
      request(),
      request({ orderId: 'order-2', idempotencyKey: 'key-2' }),
    ]);
    expect(results[1]).to.deep.equal({ code: 'purchase_limit_exceeded', productId: CUP, limit: 3, held: 2 });
  });

  it('subtracts the discount before it compares the total and the balance', () => {
    const given = snapshot({
      userCoupons: userCoupons(),
      wallets: new Map([[ANN, { balanceKrw: 500, version: 3 }]]),
    });
    const { results, wallets } = evaluateOrders(given, [
      request({ userCouponId: HELD, expectedTotalKrw: 500 }),
    ]);
    expect(results[0]).to.have.property('code', 'accepted');
    expect(results[0]).to.have.property('order').that.includes({
      subtotalKrw: 600,
      discountKrw: 100,
      totalKrw: 500,
      userCouponId: HELD,
      balanceAfterKrw: 0,
    });
    expect(wallets.get(ANN)).to.deep.equal({ balanceKrw: 0, version: 4 });
    expect(only(given, request({ userCouponId: HELD, expectedTotalKrw: 600 }))).to.deep.equal({
      code: 'price_changed',
      totalKrw: 500,
    });
  });

  it('accepts a coupon once per group, and leaves it unused when the order is rejected', () => {
    const { results } = evaluateOrders(snapshot({ userCoupons: userCoupons() }), [
      request({ userCouponId: HELD, expectedTotalKrw: 1 }),
      request({ orderId: 'order-2', idempotencyKey: 'key-2', userCouponId: HELD }),
      request({
        orderId: 'order-3',
        idempotencyKey: 'key-3',
        userCouponId: HELD,
        lines: [{ productId: CUP, quantity: 1 }],
      }),
    ]);
    expect(results.map(({ code }) => code)).to.deep.equal(['price_changed', 'accepted', 'coupon_not_usable']);
    expect(results[2]).to.deep.equal({ code: 'coupon_not_usable', reason: 'used' });
  });

  it('replays an order whose coupon expired later', () => {
    const given = snapshot({
      earlier: new Map([[pairKey(ANN, 'key-1'), { orderId: 'order-0', requestHash: HASH }]]),
      userCoupons: userCoupons({ validUntil: NOW }),
    });
    expect(only(given, request({ userCouponId: HELD }))).to.deep.equal({
      code: 'replayed',
      orderId: 'order-0',
    });
  });

  it('fails an order with contradictory rows, and decides the others as if it were absent', () => {
    const ownerless = request({ orderId: 'order-0', userId: 'nobody' });
    const { results, stock } = evaluateOrders(snapshot(), [
      ownerless,
      request(),
      { ...ownerless, orderId: 'order-2' },
    ]);
    const without = evaluateOrders(snapshot(), [request()]);
    expect(results.map(({ code }) => code)).to.deep.equal(['crashed', 'accepted', 'crashed']);
    expect(results[1]).to.deep.equal(without.results[0]);
    expect(stock).to.deep.equal(without.stock);
  });
});
