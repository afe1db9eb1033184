import { expect } from 'chai';
import { salesDeltas } from '../../app/statistics/sales-deltas.ts';

const COMPLETED = 'rowlock.order.completed.v1';
const CANCELLED = 'rowlock.order.cancelled.v1';

function sale(type: string, completedAt: string, productId: string, units: number) {
  const data = { completedAt, lines: [{ productId, units, revenue: units * 10 }] };
  return { type, time: '2026-01-02T00:00:00.000Z', data };
}

describe('salesDeltas', () => {
  it('sums up sales per product and hour', () => {
    const deltas = salesDeltas([
      sale(COMPLETED, '2026-01-01T12:00:00.000Z', 'a', 2),
      sale(COMPLETED, '2026-01-01T12:59:59.999Z', 'a', 3),
      sale(COMPLETED, '2026-01-01T13:00:00.000Z', 'a', 5),
      sale(COMPLETED, '2026-01-01T12:30:00.000Z', 'b', 7),
    ]);
    const noon = new Date('2026-01-01T12:00:00.000Z');
    expect(deltas).to.deep.equal([
      { hour: noon, productId: 'a', units: 5, revenueKrw: 50 },
      { hour: new Date('2026-01-01T13:00:00.000Z'), productId: 'a', units: 5, revenueKrw: 50 },
      { hour: noon, productId: 'b', units: 7, revenueKrw: 70 },
    ]);
  });

  it('takes the time of the event for the time of the sale if it names no other', () => {
    const lines = [{ productId: 'a', units: 1, revenue: 10 }];
    const [delta] = salesDeltas([{ type: COMPLETED, time: '2026-01-01T12:59:59.999Z', data: { lines } }]);
    expect(delta?.hour).to.deep.equal(new Date('2026-01-01T12:00:00.000Z'));
  });

  it('subtracts a cancellation from the hour in which the order was completed', () => {
    const deltas = salesDeltas([
      sale(COMPLETED, '2026-01-01T12:10:00.000Z', 'a', 5),
      sale(CANCELLED, '2026-01-01T12:20:00.000Z', 'a', 2),
      sale(CANCELLED, '2026-01-01T11:20:00.000Z', 'a', 1),
    ]);
    expect(deltas).to.deep.equal([
      { hour: new Date('2026-01-01T12:00:00.000Z'), productId: 'a', units: 3, revenueKrw: 30 },
      { hour: new Date('2026-01-01T11:00:00.000Z'), productId: 'a', units: -1, revenueKrw: -10 },
    ]);
  });
});
