import { expect } from 'chai';
import { decideCancellation } from '../../app/orders/decide-cancellation.ts';

const ORDERED = new Date('2026-03-01T12:00:00.000Z');
const WINDOW_MS = 1000;
const UNTIL = new Date(ORDERED.getTime() + WINDOW_MS);
const order = { status: 'COMPLETED', createdAt: ORDERED } as const;
const ask = (by: 'customer' | 'admin', at: Date, windowMs = WINDOW_MS) => ({ by, at, windowMs });
const over = (cancellableUntil: Date) => ({
  code: 'order_not_cancellable',
  reason: 'window_over',
  cancellableUntil,
});

describe('decideCancellation', () => {
  it('lets the customer cancel until the last moment of the window', () => {
    const last = new Date(UNTIL.getTime() - 1);
    expect(decideCancellation(order, ask('customer', last))).to.deep.equal({ code: 'cancellable' });
    expect(decideCancellation(order, ask('customer', UNTIL))).to.deep.equal(over(UNTIL));
  });

  it('rejects every customer when the window is 0', () => {
    expect(decideCancellation(order, ask('customer', ORDERED, 0))).to.deep.equal(over(ORDERED));
  });

  it('lets an admin cancel after the window', () => {
    expect(decideCancellation(order, ask('admin', UNTIL))).to.deep.equal({ code: 'cancellable' });
  });

  it('reports an earlier cancellation before the window, to customers and admins', () => {
    const cancelled = { ...order, status: 'CANCELLED' } as const;
    for (const by of ['customer', 'admin'] as const) {
      expect(decideCancellation(cancelled, ask(by, UNTIL))).to.deep.equal({
        code: 'order_not_cancellable',
        reason: 'already_cancelled',
      });
    }
  });
});
