import { expect } from 'chai';
import type { OrderRequest } from '../../app/orders/evaluate-orders.ts';
import { orderCodec } from '../../app/orders/order-wire.ts';
import type { PlacedOrder } from '../../app/orders/place-orders.ts';
import { LANE_PROTOCOL } from '../../app/platform/lane/lane-protocol.ts';

const [orderId, userId, productId, userCouponId] = ['order', 'user', 'product', 'coupon'];
const at = new Date('2026-12-01T00:00:00.123Z');

const requests: readonly OrderRequest[] = [
  {
    orderId,
    userId,
    idempotencyKey: 'key "1"',
    requestHash: Buffer.from([0, 255]),
    lines: [{ productId, quantity: 2 }],
    expectedTotalKrw: 0,
    userCouponId,
    fromCart: { walletVersion: 0 },
  },
  {
    orderId,
    userId,
    idempotencyKey: 'k',
    requestHash: Buffer.alloc(0),
    lines: [],
    expectedTotalKrw: undefined,
    userCouponId: undefined,
  },
];

const order = {
  orderId,
  userId,
  status: 'COMPLETED',
  items: [{ productId, productName: 'Cup', unitPriceKrw: 500, quantity: 2, stockAfter: 0, stockSeq: 7 }],
  subtotalKrw: 1000,
  discountKrw: 100,
  totalKrw: 900,
  userCouponId,
  balanceAfterKrw: 0,
  balanceSeq: 3,
  createdAt: at,
} as const;

const results: readonly PlacedOrder[] = [
  { code: 'placed', replayed: false, order },
  { code: 'placed', replayed: true, order: { ...order, userCouponId: undefined, status: 'CANCELLED' } },
  { code: 'idempotency_key_reused' },
  { code: 'cart_outdated' },
  { code: 'product_not_found', productId },
  { code: 'sale_not_open', reason: 'not_started', saleFrom: at, productId },
  { code: 'sale_not_open', reason: 'ended', saleUntil: at, productId },
  { code: 'purchase_limit_exceeded', limit: 2, held: 1, productId },
  { code: 'out_of_stock', requested: 2, available: 1, productId },
  { code: 'coupon_not_usable', reason: 'below_minimum', minimumOrderKrw: 5000 },
  { code: 'price_changed', totalKrw: 900 },
  { code: 'insufficient_balance', balanceKrw: 0, totalKrw: 900 },
];

/** As it arrives in the other process. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('orders between the processes of a machine', () => {
  it('brings every request as it was', () => {
    for (const request of requests) {
      expect(orderCodec.decodeRequest(sent(orderCodec.encodeRequest(request)))).to.deep.equal(request);
    }
  });

  it('brings every result as it was', () => {
    for (const result of results) {
      expect(orderCodec.decodeResult(sent(orderCodec.encodeResult(result)))).to.deep.equal(result);
    }
  });

  it('gets another protocol number with every change: processes of two releases do not meet', () => {
    expect({
      LANE_PROTOCOL,
      requests: requests.map((request) => JSON.stringify(orderCodec.encodeRequest(request))),
      placed: JSON.stringify(orderCodec.encodeResult(results[0] as PlacedOrder)),
      rejected: JSON.stringify(orderCodec.encodeResult(results[5] as PlacedOrder)),
    }).to.deep.equal({
      LANE_PROTOCOL: 1,
      requests: [
        String.raw`["order","user","key \"1\"","AP8=",[["product",2]],0,"coupon",0]`,
        '["order","user","k","",[],null,null,null]',
      ],
      placed:
        '[false,"order","user","COMPLETED",[["product","Cup",500,2,0,7]],1000,100,900,"coupon",0,3,1796083200123]',
      rejected:
        '{"code":"sale_not_open","reason":"not_started","saleFrom":"2026-12-01T00:00:00.123Z","productId":"product"}',
    });
  });
});
