import type { Coupon } from '../../app/coupons/coupon.ts';

const DEMO_TIME = new Date('2026-01-01T00:00:00.000Z');
const window = { validFrom: DEMO_TIME, validUntil: new Date('2099-01-01T00:00:00.000Z') };

/** The coupons of the demo shop: one without a practical limit and one that sells out. */
export const demoCoupons: readonly Coupon[] = [
  {
    couponId: '019b7726-5c00-7000-8c00-000000000002',
    name: 'Welcome: 3,000 won off',
    terms: { kind: 'FIXED', amountKrw: 3000, minimumOrderKrw: 0, ...window },
    quantity: 100_000,
    issuedCount: 0,
    stoppedAt: undefined,
    version: 1,
    createdAt: DEMO_TIME,
  },
  {
    couponId: '019b7726-5c00-7000-8c00-000000000001',
    name: 'First hundred: 10 % off',
    terms: {
      kind: 'PERCENT',
      percent: 10,
      discountMaxKrw: 20_000,
      minimumOrderKrw: 50_000,
      ...window,
    },
    quantity: 100,
    issuedCount: 0,
    stoppedAt: undefined,
    version: 1,
    createdAt: DEMO_TIME,
  },
];
