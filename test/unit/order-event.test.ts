import { expect } from 'chai';
import { orderCompletedEvent, orderEventSchema } from '../../app/events/order-event.ts';

describe('an order event', () => {
  const event = orderCompletedEvent({
    orderId: '01890a5d-ac96-774b-bcce-b302099a8057',
    userId: '01890a5d-ac96-774b-bcce-b302099a8058',
    totalKrw: 500,
    discountKrw: 100,
    createdAt: new Date('2026-03-01T13:00:00.000Z'),
    items: [{ productId: '01890a5d-ac96-774b-bcce-b302099a8059', quantity: 2, unitPriceKrw: 300 }],
  });

  it('contains the subtotal, the discount and the amount paid', () => {
    const { lines, discount, total } = orderEventSchema.parse(event).data;
    expect(lines.map(({ revenue }) => revenue)).to.deep.equal([600]);
    expect([discount, total]).to.deep.equal([100, 500]);
  });

  it('has a discount of 0 if a release before coupons wrote it', () => {
    const { discount: _, ...data } = event.data;
    expect(orderEventSchema.parse({ ...event, data }).data.discount).to.equal(0);
  });
});
