import { expect } from 'chai';
import { callsOf, packMessages } from '../../app/platform/aws/sqs-messages.ts';

const KB = 1024;
const MESSAGE_BYTES_MAX = 56 * KB;
const event = (id: string, bytes: number) => ({ id, key: id, body: `"${'x'.repeat(bytes - 2)}"` });
const events = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => event(`${index}`, bytes));

describe('messages of SQS', () => {
  it('carry one event as it is, and several as a JSON array in the order of the events', () => {
    const bodies = ['{"id":1}', '{"id":2}', '{"id":3}'];
    const some = bodies.map((body, index) => ({ id: `${index}`, key: 'k', body }));
    expect(packMessages(some, 2)).to.deep.equal([
      { id: '0', events: some.slice(0, 2), body: '[{"id":1},{"id":2}]' },
      { id: '2', events: some.slice(2), body: '{"id":3}' },
    ]);
    expect(packMessages(some, 1).map(({ body }) => body)).to.deep.equal(bodies);
    expect(packMessages([], 128)).to.deep.equal([]);
  });

  it('stay within 56 KB, whatever the alphabet', () => {
    for (const bytes of [2, 300, 509, 8 * KB]) {
      const messages = packMessages(events(400, bytes), 128);
      expect(messages.flatMap((message) => message.events)).to.have.lengthOf(400);
      for (const { body, events: own } of messages) {
        expect(Buffer.byteLength(body)).to.be.at.most(MESSAGE_BYTES_MAX);
        expect(own.length).to.be.within(1, 128);
      }
    }
    const wide = { id: 'a', key: 'a', body: `"${'한'.repeat(10 * KB)}"` };
    expect(packMessages([wide, { ...wide, id: 'b' }], 128)).to.have.lengthOf(2);
  });

  it('fill 56 KB exactly', () => {
    // Two brackets and a comma beside two events.
    const half = (MESSAGE_BYTES_MAX - 3) / 2;
    const fits = [event('a', Math.floor(half)), event('b', Math.ceil(half))];
    expect(packMessages(fits, 128).map(({ body }) => body.length)).to.deep.equal([MESSAGE_BYTES_MAX]);
    expect(packMessages([...fits.slice(1), event('c', Math.floor(half) + 1)], 128)).to.have.lengthOf(2);
  });

  it('leave a larger event alone, which is sent all the same', () => {
    const messages = packMessages([event('a', 10), event('b', 60 * KB), event('c', 10)], 128);
    expect(messages.map(({ id }) => id)).to.deep.equal(['a', 'b', 'c']);
  });

  it('share a call of up to ten messages and 224 KB', () => {
    const small = callsOf(events(25, 10));
    expect(small.map((call) => call.length)).to.deep.equal([10, 10, 5]);
    const large = callsOf(events(9, MESSAGE_BYTES_MAX));
    expect(large.map((call) => call.length)).to.deep.equal([4, 4, 1]);
  });
});
