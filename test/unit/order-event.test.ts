import { expect } from 'chai';
import {
  orderCancelledEvent,
  orderCompletedEvent,
  type OrderEvent,
  orderEventSchema,
} from '../../app/events/order-event.ts';
import { salesDeltas } from '../../app/statistics/sales-deltas.ts';

const order = {
  orderId: '01890a5d-ac96-774b-bcce-b302099a8057',
  userId: '01890a5d-ac96-774b-bcce-b302099a8058',
  totalKrw: 500,
  discountKrw: 100,
  createdAt: new Date('2026-03-01T13:00:00.000Z'),
  items: [{ productId: '01890a5d-ac96-774b-bcce-b302099a8059', quantity: 2, unitPriceKrw: 300 }],
};
const cancelledAt = new Date('2026-03-02T09:00:00.000Z');
const read = (event: OrderEvent) => orderEventSchema.parse(JSON.parse(JSON.stringify(event)));

/** Every value in it that is no object. */
const valuesIn = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesIn) : [value];

describe('an order event', () => {
  for (const format of ['1', '2'] as const) {
    const completed = orderCompletedEvent(order, format);
    const cancelled = orderCancelledEvent(order, cancelledAt, format);

    it(`contains the subtotal, the discount and the amount paid, in format ${format}`, () => {
      for (const event of [completed, cancelled]) {
        const { lines, discount, total } = read(event).data;
        expect(lines.map(({ revenue }) => revenue)).to.deep.equal([600]);
        expect([discount, total]).to.deep.equal([100, 500]);
      }
    });

    it(`is counted in the hour of the sale, in format ${format}`, () => {
      const hours = [completed, cancelled].map((event) => salesDeltas([read(event)]));
      expect(hours.flat().map(({ hour, units }) => [hour.toISOString(), units])).to.deep.equal([
        ['2026-03-01T13:00:00.000Z', 2],
        ['2026-03-01T13:00:00.000Z', -2],
      ]);
    });

    it(`needs a time of sale that an order can have, in format ${format}`, () => {
      for (const time of ['1999-12-31T23:59:59.999Z', '2100-01-01T00:00:00.000Z']) {
        const at = { ...order, createdAt: new Date(time) };
        for (const event of [orderCompletedEvent(at, format), orderCancelledEvent(at, cancelledAt, format)])
          expect(orderEventSchema.safeParse(event).success).to.equal(false);
      }
    });
  }

  it('holds no value twice and takes some 300 bytes', () => {
    for (const event of [orderCompletedEvent(order), orderCancelledEvent(order, cancelledAt)]) {
      const values = valuesIn(event);
      expect(new Set(values).size).to.equal(values.length);
    }
    const text = JSON.stringify(orderCompletedEvent({ ...order, discountKrw: 0 }));
    expect(text.length).to.be.below(330);
    expect(text).not.to.include('discount');
    expect(JSON.stringify(orderCompletedEvent(order, '1')).length).to.be.above(500);
  });

  it('has a discount of 0 if it names none', () => {
    const event = orderCompletedEvent({ ...order, discountKrw: 0 });
    expect(read(event).data.discount).to.equal(0);
    const { discount: _, ...data } = orderCompletedEvent(order, '1').data;
    expect(orderEventSchema.parse({ ...orderCompletedEvent(order, '1'), data }).data.discount).to.equal(0);
  });
});
