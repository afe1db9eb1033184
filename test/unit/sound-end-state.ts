import { cancelledEventId } from '../../app/events/order-event.ts';
import type { FinalState } from '../faults/check/final-state.ts';
import type { CouponTerms } from '../faults/history/history-line.ts';
import { storedAdminKey } from '../faults/check/operations.ts';

export const soundIds = {
  productA: '01900000-0000-7000-8000-00000000000a',
  productB: '01900000-0000-7000-8000-00000000000b',
  user1: '01900000-0000-7000-8000-000000000101',
  user2: '01900000-0000-7000-8000-000000000102',
  admin: '01900000-0000-7000-8000-000000000103',
  coupon: '01900000-0000-7000-8000-000000000201',
  coupon1: '01900000-0000-7000-8000-000000000301',
  order1: '01900000-0000-7000-8000-000000000401',
  order2: '01900000-0000-7000-8000-000000000402',
  order4: '01900000-0000-7000-8000-000000000404',
  createdAtMs: Date.UTC(2026, 0, 1, 12, 30),
} as const;

const noWindow = { saleFrom: null, saleUntil: null };

export const soundTerms = {
  A: { name: 'A', priceKrw: 100, status: 'ACTIVE', purchaseLimit: null, ...noWindow },
  B: { name: 'B', priceKrw: 50, status: 'ACTIVE', purchaseLimit: 3, ...noWindow },
} as const;

const { productA, productB, user1, user2, coupon, coupon1, order1, order2, order4, createdAtMs } = soundIds;

export const couponTerms: CouponTerms = {
  kind: 'FIXED',
  amountKrw: 30,
  percent: null,
  minimumOrderKrw: 100,
  validFromMs: createdAtMs - 1000,
  validUntilMs: createdAtMs + 1000,
};

/** Contents of the database after the day of sound-history.ts. */
export function soundEndState(): FinalState {
  return {
    orders: orders(),
    orderItems: orderItems(),
    products: [
      { productId: productA, version: 1, ...soundTerms.A },
      { productId: productB, version: 1, ...soundTerms.B },
    ],
    stocks: [
      { productId: productA, quantity: 12, stockSeq: 4 },
      { productId: productB, quantity: 2, stockSeq: 3 },
    ],
    stockEntries: stockEntries(),
    wallets: [
      { userId: user1, balanceKrw: 800, balanceSeq: 4 },
      { userId: user2, balanceKrw: 400, balanceSeq: 2 },
    ],
    walletEntries: [
      charge(user1, 1, 1000, 1000, 'set-up'),
      payment(user1, 2, -200, 800, order1),
      payment(user1, 3, -70, 730, order2),
      { ...payment(user1, 4, 70, 800, order2), kind: 'REFUND', key: 'x1' },
      charge(user2, 1, 500, 500, 'c1'),
      payment(user2, 2, -100, 400, order4),
    ],
    coupons: [
      {
        couponId: coupon,
        name: 'Welcome',
        quantity: 1,
        issuedCount: 1,
        version: 1,
        status: 'ACTIVE',
        terms: couponTerms,
      },
    ],
    userCoupons: [
      {
        userCouponId: coupon1,
        couponId: coupon,
        userId: user1,
        status: 'ISSUED',
        orderId: null,
        issuedAtMs: createdAtMs,
      },
    ],
    outbox: [],
    inbox: [order1, order2, cancelledEventId(order2), order4],
    statistics: [
      { hourMs: Date.UTC(2026, 0, 1, 12), productId: productA, units: 3, revenueKrw: 300 },
      { hourMs: Date.UTC(2026, 0, 1, 12), productId: productB, units: 0, revenueKrw: 0 },
    ],
    deadlocks: 0,
    replies: [],
  };
}

function orders(): FinalState['orders'] {
  const order = { key: 'k1', discountKrw: 0, userCouponId: null, createdAtMs, cancelledAtMs: null };
  return [
    {
      ...order,
      orderId: order1,
      userId: user1,
      status: 'COMPLETED',
      subtotalKrw: 200,
      totalKrw: 200,
      balanceSeq: 2,
      balanceAfterKrw: 800,
    },
    {
      ...order,
      orderId: order2,
      userId: user1,
      key: 'k2',
      status: 'CANCELLED',
      cancelledAtMs: createdAtMs + 24,
      subtotalKrw: 100,
      discountKrw: 30,
      totalKrw: 70,
      userCouponId: coupon1,
      balanceSeq: 3,
      balanceAfterKrw: 730,
    },
    {
      ...order,
      orderId: order4,
      userId: user2,
      key: 'k4',
      status: 'COMPLETED',
      subtotalKrw: 100,
      totalKrw: 100,
      balanceSeq: 2,
      balanceAfterKrw: 400,
    },
  ];
}

function orderItems(): FinalState['orderItems'] {
  const item = { line: 1, productId: productA, name: 'A', unitPriceKrw: 100 };
  return [
    { ...item, orderId: order1, quantity: 2, stockAfter: 8, stockSeq: 2 },
    {
      ...item,
      orderId: order2,
      productId: productB,
      name: 'B',
      unitPriceKrw: 50,
      quantity: 2,
      stockAfter: 0,
      stockSeq: 2,
    },
    { ...item, orderId: order4, quantity: 1, stockAfter: 12, stockSeq: 4 },
  ];
}

function stockEntries(): FinalState['stockEntries'] {
  const entry = { orderId: null, key: null, reason: 'found' };
  return [
    { ...entry, productId: productA, seq: 1, kind: 'OPENING', delta: 10, quantityAfter: 10 },
    {
      ...entry,
      productId: productA,
      seq: 3,
      kind: 'ADJUSTMENT',
      delta: 5,
      quantityAfter: 13,
      key: storedAdminKey(soundIds.admin, 'a1'),
    },
    { ...entry, productId: productB, seq: 1, kind: 'OPENING', delta: 2, quantityAfter: 2 },
    { ...entry, productId: productB, seq: 3, kind: 'RESTOCK', delta: 2, quantityAfter: 2, orderId: order2 },
  ];
}

type Entry = FinalState['walletEntries'][number];

function charge(userId: string, seq: number, amountKrw: number, balanceAfterKrw: number, key: string): Entry {
  return { userId, seq, kind: 'CHARGE', amountKrw, balanceAfterKrw, orderId: null, key };
}

function payment(
  userId: string,
  seq: number,
  amountKrw: number,
  balanceAfterKrw: number,
  orderId: string,
): Entry {
  return { userId, seq, kind: 'PAYMENT', amountKrw, balanceAfterKrw, orderId, key: null };
}
