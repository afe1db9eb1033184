import { expect } from 'chai';
import { cancelledEventId } from '../../app/events/order-event.ts';
import type { OutboxEvent } from '../../app/events/outbox-sql.ts';
import { createEventPublisher } from '../../app/events/publish-events.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import type { EventSender, OutgoingEvent } from '../../app/platform/event-transport.ts';
import { newUuid } from '../../app/platform/uuid.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { until } from '../support/until.ts';

const GRACE_MS = 5000;
const log = createLog({ level: 'error', role: 'test', stage: 'unit' });

/** These tests never acknowledge an event, so nothing is deleted. */
const noDatabase = {} as Database;

const someEvents = (count: number): OutboxEvent[] =>
  Array.from({ length: count }, (_, index) => ({ eventId: String(index), type: 'test', payload: '{}' }));

/** The limits of the two transports. */
const transports = [
  { name: 'SQS', batchMax: 128, sendsInFlightMax: 16 },
  { name: 'Kafka', batchMax: 128, sendsInFlightMax: 4 },
] as const;

for (const { name, batchMax, sendsInFlightMax } of transports) {
  describe(`the publisher on ${name}`, () => {
    /** A slow transport: it answers each call when the test says so, and acknowledges nothing. */
    const slowSender = () => {
      const calls: { readonly events: readonly OutgoingEvent[]; readonly answer: () => void }[] = [];
      const send: EventSender['send'] = (events) =>
        new Promise((resolve) => {
          calls.push({ events, answer: () => resolve(new Set()) });
        });
      return { calls, sender: { batchMax, sendsInFlightMax, send } };
    };
    const start = (sender: EventSender, nowMs = () => 0) =>
      createEventPublisher({ database: noDatabase, sender, graceMs: GRACE_MS, nowMs, log });

    it('leaves events to the relay that have waited longer than the grace', async () => {
      const { calls, sender } = slowSender();
      let timeMs = 0;
      const publisher = start(sender, () => timeMs);
      const sent = (sendsInFlightMax + 1) * batchMax;
      publisher.publish(someEvents(sent + 330));
      expect(calls).to.have.lengthOf(sendsInFlightMax);
      timeMs = GRACE_MS - 1;
      calls[0]?.answer();
      await until('the next call', () => calls.length === sendsInFlightMax + 1);
      expect(publisher.waiting()).to.equal(330);
      timeMs = GRACE_MS;
      for (const { answer } of calls) answer();
      await publisher.idle();
      expect(calls).to.have.lengthOf(sendsInFlightMax + 1);
      expect(publisher.waiting()).to.equal(0);
    });

    it('fills a batch while another one is being sent', async () => {
      const { calls, sender } = slowSender();
      const publisher = start(sender);
      const sizes = () => calls.map(({ events }) => events.length);
      publisher.publish(someEvents(3));
      publisher.publish(someEvents(batchMax - 6));
      expect(sizes()).to.deep.equal([3]);
      publisher.publish(someEvents(8));
      expect(sizes()).to.deep.equal([3, batchMax]);
      for (const { answer } of calls) answer();
      await until('the remaining events are sent', () => calls.length === 3);
      expect(sizes()).to.deep.equal([3, batchMax, 2]);
      calls[2]?.answer();
      await publisher.idle();
    });

    it('sends a lone event at once, and those that follow within 50 ms together', async () => {
      const { calls, sender } = slowSender();
      const publisher = start(sender);
      const sizes = () => calls.map(({ events }) => events.length);
      publisher.publish(someEvents(1));
      expect(sizes()).to.deep.equal([1]);
      const startMs = performance.now();
      calls[0]?.answer();
      for (let count = 0; count < 5; count += 1) publisher.publish(someEvents(1));
      await until('the next call', () => calls.length === 2, { intervalMs: 1 });
      expect(sizes()).to.deep.equal([1, 5]);
      expect(performance.now() - startMs).to.be.within(40, onThisMachine(150));
      // The lingering of the second call ends with nothing to send.
      await new Promise((resolve) => setTimeout(resolve, 80));
      publisher.publish(someEvents(1));
      expect(sizes()).to.deep.equal([1, 5, 1]);
      for (const { answer } of calls) answer();
      await publisher.idle();
    });

    it('holds nothing back while it drains', async () => {
      const { calls, sender } = slowSender();
      const publisher = start(sender);
      publisher.publish(someEvents(1));
      publisher.publish(someEvents(2));
      expect(publisher.waiting()).to.equal(2);
      const idle = publisher.idle();
      expect(calls.map(({ events }) => events.length)).to.deep.equal([1, 2]);
      publisher.publish(someEvents(1));
      expect(publisher.waiting()).to.equal(0);
      for (const { answer } of calls) answer();
      await idle;
    });

    it('tries once more what a call did not acknowledge beside others', async () => {
      const calls: string[][] = [];
      const publisher = start({
        batchMax,
        sendsInFlightMax,
        send: async (events) => {
          calls.push(events.map(({ id }) => id));
          return new Set(calls.length === 1 ? ['1'] : []);
        },
      });
      publisher.publish(someEvents(3));
      await until('both calls', () => calls.length === 2);
      expect(calls).to.deep.equal([
        ['0', '1', '2'],
        ['0', '2'],
      ]);
    });
  });
}

it('the publisher sends a cancellation with the key of its completion', async () => {
  const orderId = newUuid();
  const eventIds = [orderId, cancelledEventId(orderId)];
  const keys: string[] = [];
  const publisher = createEventPublisher({
    database: noDatabase,
    sender: {
      batchMax: 10,
      sendsInFlightMax: 1,
      send: async (events) => {
        keys.push(...events.map(({ key }) => key));
        return new Set();
      },
    },
    graceMs: GRACE_MS,
    nowMs: () => 0,
    log,
  });
  publisher.publish(eventIds.map((eventId) => ({ eventId, type: 'test', payload: '{}' })));
  await publisher.idle();
  expect(keys).to.deep.equal([orderId, orderId]);
});
