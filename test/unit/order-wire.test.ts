import { expect } from 'chai';
import type { OrderRequest } from '../../app/orders/evaluate-orders.ts';
import { orderCodec } from '../../app/orders/order-wire.ts';
import type { PlacedOrder } from '../../app/orders/place-orders.ts';
import { LANE_PROTOCOL } from '../../app/platform/lane/lane-protocol.ts';

const [orderId, userId, productId, userCouponId] = ['1', '2', '3', '4'].map(
  (digit) => `0192b000-0000-7000-8000-00000000000${digit}`,
) as [string, string, string, string];
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
    lines: [{ productId, quantity: 1 }],
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

  it('is read only if it is an order', () => {
    const [encoded] = requests.map((request) => sent(orderCodec.encodeRequest(request))) as [unknown[]];
    const changed = (index: number, value: unknown) => encoded.toSpliced(index, 1, value);
    const wrong = [
      null,
      'x',
      {},
      [],
      ...[null, 'order', 5, orderId.toUpperCase()].map((id) => changed(0, id)),
      changed(1, 'me'),
      changed(2, null),
      changed(3, 5),
      ...[null, [], [productId], [['cup', 1]], [[productId]]].map((lines) => changed(4, lines)),
      ...[0, -1, 0.5, 1e308, '1', null].map((quantity) => changed(4, [[productId, quantity]])),
      ...[-1, 'x'].flatMap((number) => [changed(5, number), changed(7, number)]),
      changed(6, 'coupon'),
    ];
    for (const value of wrong) {
      expect(() => orderCodec.decodeRequest(value), JSON.stringify(value)).to.throw('this is no order');
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
        String.raw`["${orderId}","${userId}","key \"1\"","AP8=",[["${productId}",2]],0,"${userCouponId}",0]`,
        `["${orderId}","${userId}","k","",[["${productId}",1]],null,null,null]`,
      ],
      placed:
        `[false,"${orderId}","${userId}","COMPLETED",[["${productId}","Cup",500,2,0,7]],1000,100,900,` +
        `"${userCouponId}",0,3,1796083200123]`,
      rejected:
        '{"code":"sale_not_open","reason":"not_started","saleFrom":"2026-12-01T00:00:00.123Z",' +
        `"productId":"${productId}"}`,
    });
  });
});
