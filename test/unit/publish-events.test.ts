import { expect } from 'chai';
import { cancelledEventId } from '../../app/events/order-event.ts';
import type { OutboxEvent } from '../../app/events/outbox-sql.ts';
import { createEventPublisher } from '../../app/events/publish-events.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import type { EventSender, OutgoingEvent } from '../../app/platform/event-transport.ts';
import { newUuid } from '../../app/platform/uuid.ts';
import { until } from '../support/until.ts';

const GRACE_MS = 5000;
const log = createLog({ level: 'error', role: 'test', stage: 'unit' });

/** These tests never acknowledge an event, so nothing is deleted. */
const noDatabase = {} as Database;

const someEvents = (count: number): OutboxEvent[] =>
  Array.from({ length: count }, (_, index) => ({ eventId: String(index), type: 'test', payload: '{}' }));

/** The limits of the two transports. */
const transports = [
  { name: 'SQS', batchMax: 10, sendsInFlightMax: 16 },
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
