import type { FinalState } from '../faults/check/final-state.ts';
import type { HistoryLine, InvokeLine, Sample } from '../faults/history/history-line.ts';
import { couponTerms, soundEndState, soundIds, soundTerms } from './sound-end-state.ts';

type DeepMutable<T> = T extends object ? { -readonly [K in keyof T]: DeepMutable<T[K]> } : T;

/** A history and its end state, free to be changed. */
export interface HistoryDraft {
  readonly lines: DeepMutable<HistoryLine>[];
  readonly state: DeepMutable<FinalState>;
}

const { productA, productB, user1, user2, admin, coupon, coupon1, order1, order2, order4, createdAtMs } =
  soundIds;

/**
 * A day of two users in which every kind of operation and answer occurs once, without a fault. Operations are
 * named after what they show.
 */
export function soundHistory(): HistoryDraft {
  return structuredClone({
    lines: lines() as HistoryDraft['lines'],
    state: soundEndState() as HistoryDraft['state'],
  });
}

/** Numbers of the attempts. */
export const soundOps = {
  ordered: 1,
  orderReplayed: 2,
  chargeLost: 3,
  claimed: 4,
  soldOut: 5,
  orderedWithCoupon: 6,
  outOfStock: 7,
  cancelled: 8,
  chargeRetried: 9,
  adjusted: 10,
  orderLost: 11,
  orderRetried: 12,
  otherBody: 13,
  balanceRead: 14,
  orderFound: 15,
  insufficient: 16,
  neverDone: 17,
  neverDoneRetried: 18,
  cancelledAgain: 19,
  claimedAgain: 20,
} as const;

function lines(): HistoryLine[] {
  const o = soundOps;
  const ofA = (quantity: number) => ({ items: [{ productId: productA, quantity }] });
  const ofB = (quantity: number) => ({ items: [{ productId: productB, quantity }] });
  return [
    begin(),
    invoke(o.ordered, 10, { kind: 'order', user: user1, key: 'k1', request: ofA(2) }),
    ok(o.ordered, 20, orderAnswer1),
    invoke(o.orderReplayed, 21, { kind: 'order', user: user1, key: 'k1', request: ofA(2) }),
    invoke(o.chargeLost, 25, { kind: 'charge', user: user2, key: 'c1', request: { amount: 500 } }),
    ok(o.orderReplayed, 30, orderAnswer1, true),
    { type: 'unknown', op: o.chargeLost, atMs: 35, why: 'timeout' },
    invoke(o.claimed, 40, { kind: 'claim-coupon', user: user1, key: 'a', request: { couponId: coupon } }),
    invoke(o.soldOut, 41, { kind: 'claim-coupon', user: user2, key: 'b', request: { couponId: coupon } }),
    ok(o.claimed, 45, { id: coupon1, couponId: coupon, status: 'ISSUED' }),
    fail(o.soldOut, 50, 'coupon_sold_out'),
    { type: 'fault', atMs: 50, name: 'redis-flush', phase: 'begin' },
    invoke(o.orderedWithCoupon, 50, {
      kind: 'order',
      user: user1,
      key: 'k2',
      request: { ...ofB(2), userCouponId: coupon1, expectedTotal: 70 },
    }),
    ok(o.orderedWithCoupon, 55, orderAnswer2),
    invoke(o.outOfStock, 56, { kind: 'order', user: user2, key: 'k3', request: ofB(1) }),
    { type: 'sample', fromMs: 57, atMs: 58, wallMs: createdAtMs + 18, ...firstSample },
    fail(o.outOfStock, 60, 'out_of_stock', { productId: productB, requested: 1, available: 0 }),
    invoke(o.chargeRetried, 60, { kind: 'charge', user: user2, key: 'c1', request: { amount: 500 } }, 2),
    invoke(o.cancelled, 61, { kind: 'cancel', user: user1, key: 'x1', request: { orderId: order2 } }),
    ok(o.chargeRetried, 65, { amount: 500, balanceAfter: 500, balanceSeq: 1 }, true),
    ok(o.cancelled, 66, { id: order2, status: 'CANCELLED', refund: 70, balanceAfter: 800, balanceSeq: 4 }),
    invoke(o.adjusted, 67, {
      kind: 'adjust-stock',
      user: admin,
      key: 'a1',
      request: { productId: productA, delta: 5, reason: 'found' },
    }),
    ok(o.adjusted, 69, { productId: productA, delta: 5, stock: 13, stockSeq: 3 }),
    invoke(o.orderLost, 70, { kind: 'order', user: user2, key: 'k4', request: ofA(1) }),
    { type: 'unknown', op: o.orderLost, atMs: 75, why: 'connection reset' },
    invoke(o.orderRetried, 80, { kind: 'order', user: user2, key: 'k4', request: ofA(1) }, 2),
    ok(o.orderRetried, 85, orderAnswer4, true),
    invoke(o.otherBody, 86, { kind: 'order', user: user2, key: 'k4', request: ofA(3) }, 3),
    fail(o.otherBody, 88, 'idempotency_key_reused'),
    invoke(o.balanceRead, 88, { kind: 'read-balance', user: user2, key: 'r1', request: {} }),
    ok(o.balanceRead, 89, { balance: 400, balanceSeq: 2 }),
    invoke(o.orderFound, 89, { kind: 'find-order', user: user1, key: 'r2', request: { orderKey: 'k1' } }),
    ok(o.orderFound, 90, { data: [{ id: order1 }], nextCursor: null }),
    invoke(o.insufficient, 90, { kind: 'order', user: user1, key: 'k5', request: ofA(9) }),
    fail(o.insufficient, 91, 'insufficient_balance', { balance: 800, total: 900 }),
    invoke(o.neverDone, 91, { kind: 'order', user: user1, key: 'k6', request: ofB(3) }),
    { type: 'unknown', op: o.neverDone, atMs: 92, why: '503 dependency_unavailable' },
    invoke(o.neverDoneRetried, 92, { kind: 'order', user: user1, key: 'k6', request: ofB(3) }, 2),
    fail(o.neverDoneRetried, 93, 'out_of_stock', { productId: productB, requested: 3, available: 2 }),
    invoke(o.cancelledAgain, 93, { kind: 'cancel', user: user1, key: 'x2', request: { orderId: order2 } }),
    fail(o.cancelledAgain, 94, 'order_not_cancellable', { reason: 'already_cancelled' }),
    invoke(o.claimedAgain, 94, {
      kind: 'claim-coupon',
      user: user1,
      key: 'd',
      request: { couponId: coupon },
    }),
    fail(o.claimedAgain, 95, 'coupon_already_issued', { userCouponId: coupon1 }),
    { type: 'sample', fromMs: 95, atMs: 96, wallMs: createdAtMs + 56, ...lastSample },
    { type: 'end', atMs: 100 },
  ];
}

const createdAt = new Date(createdAtMs).toISOString();

const orderAnswer1 = {
  id: order1,
  status: 'COMPLETED',
  items: [{ productId: productA, name: 'A', unitPrice: 100, quantity: 2, stockSeq: 2 }],
  subtotal: 200,
  discount: 0,
  total: 200,
  userCouponId: null,
  balanceAfter: 800,
  balanceSeq: 2,
  createdAt,
};
const orderAnswer2 = {
  id: order2,
  status: 'COMPLETED',
  items: [{ productId: productB, name: 'B', unitPrice: 50, quantity: 2, stockSeq: 2 }],
  subtotal: 100,
  discount: 30,
  total: 70,
  userCouponId: coupon1,
  balanceAfter: 730,
  balanceSeq: 3,
  createdAt,
};
const orderAnswer4 = {
  ...orderAnswer1,
  id: order4,
  items: [{ productId: productA, name: 'A', unitPrice: 100, quantity: 1, stockSeq: 4 }],
  subtotal: 100,
  total: 100,
  balanceAfter: 400,
};

const firstSample: Sample = {
  products: [
    { productId: productA, quantity: 8, stockSeq: 2, version: 1, entered: 10, sold: 2, changes: 2 },
    { productId: productB, quantity: 0, stockSeq: 2, version: 1, entered: 2, sold: 2, changes: 2 },
  ],
  wallets: [
    { userId: user1, balanceKrw: 730, balanceSeq: 3, enteredKrw: 730, changes: 3 },
    { userId: user2, balanceKrw: 500, balanceSeq: 1, enteredKrw: 500, changes: 1 },
  ],
  coupons: [{ couponId: coupon, quantity: 1, issuedCount: 1, version: 1, issued: 1, used: 1, inOrders: 1 }],
};
const lastSample: Sample = {
  products: [
    { productId: productA, quantity: 12, stockSeq: 4, version: 1, entered: 15, sold: 3, changes: 4 },
    { productId: productB, quantity: 2, stockSeq: 3, version: 1, entered: 4, sold: 2, changes: 3 },
  ],
  wallets: [
    { userId: user1, balanceKrw: 800, balanceSeq: 4, enteredKrw: 800, changes: 4 },
    { userId: user2, balanceKrw: 400, balanceSeq: 2, enteredKrw: 400, changes: 2 },
  ],
  coupons: [{ couponId: coupon, quantity: 1, issuedCount: 1, version: 1, issued: 1, used: 0, inOrders: 0 }],
};

function begin(): HistoryLine {
  return {
    type: 'begin',
    seed: 1,
    atMs: 0,
    wallMs: createdAtMs - 40,
    shop: {
      products: [
        { productId: productA, terms: soundTerms.A, quantity: 10, stockSeq: 1 },
        { productId: productB, terms: soundTerms.B, quantity: 2, stockSeq: 1 },
      ],
      users: [
        { userId: user1, balanceKrw: 1000, balanceSeq: 1 },
        { userId: user2, balanceKrw: 0, balanceSeq: 0 },
      ],
      coupons: [{ couponId: coupon, name: 'Welcome', quantity: 1, issuedCount: 0, terms: couponTerms }],
      cancelWindowMs: 5000,
    },
  };
}

type Asked = {
  readonly [Kind in InvokeLine['kind']]: Pick<
    Extract<InvokeLine, { kind: Kind }>,
    'kind' | 'user' | 'key' | 'request'
  >;
}[InvokeLine['kind']];

function invoke(op: number, invokedMs: number, asked: Asked, attempt = 1): InvokeLine {
  const bodyHash = JSON.stringify(asked.request);
  return { type: 'invoke', op, client: 1, attempt, atMs: invokedMs, bodyHash, ...asked };
}

function ok(op: number, answeredMs: number, response: unknown, replayed = false): HistoryLine {
  return { type: 'ok', op, atMs: answeredMs, status: 200, response, replayed };
}

function fail(op: number, answeredMs: number, code: string, response: object = {}): HistoryLine {
  return { type: 'fail', op, atMs: answeredMs, status: 409, code, response: { code, ...response } };
}
