import { expect } from 'chai';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid } from '../../app/platform/uuid.ts';
import { readMessage } from '../../app/statistics/read-message.ts';

const newEvent = () =>
  orderCompletedEvent({
    orderId: newUuid(),
    userId: newUuid(),
    totalKrw: 300,
    discountKrw: 0,
    createdAt: new Date('2026-03-01T13:00:00.000Z'),
    items: [{ productId: newUuid(), quantity: 1, unitPriceKrw: 300 }],
  });
const idsIn = (body: string) => readMessage(body).map(({ event }) => event?.id);

describe('reading a message', () => {
  it('finds one event in an object and several in an array', () => {
    const [one, two] = [newEvent(), newEvent()];
    expect(idsIn(JSON.stringify(one))).to.deep.equal([one.id]);
    expect(idsIn(JSON.stringify([one]))).to.deep.equal([one.id]);
    expect(idsIn(JSON.stringify([one, two]))).to.deep.equal([one.id, two.id]);
  });

  it('finds the events beside those that it cannot read, and what these are', () => {
    const event = newEvent();
    const poison = { ...newEvent(), data: {} };
    const read = readMessage(JSON.stringify([poison, event, null, [event]]));
    expect(read.map((part) => part.event?.id)).to.deep.equal([undefined, event.id, undefined, undefined]);
    const bodies = read.map(({ body }) => body());
    expect(bodies).to.deep.equal([poison, event, null, [event]].map((part) => JSON.stringify(part)));
  });

  it('takes what holds no or too many events as one unreadable event', () => {
    const tooMany = JSON.stringify(Array.from({ length: 257 }, () => 1));
    for (const body of ['', 'not json', '[]', '[{}', 'null', '"text"', tooMany]) {
      const [part, ...others] = readMessage(body);
      expect([part?.event, part?.body(), others.length], body.slice(0, 20)).to.deep.equal([
        undefined,
        body,
        0,
      ]);
    }
    const most = JSON.stringify(Array.from({ length: 256 }, () => newEvent()));
    expect(readMessage(most).every(({ event }) => event !== undefined)).to.equal(true);
  });
});
