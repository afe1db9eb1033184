import { expect } from 'chai';
import type { OutboxEvent } from '../../app/events/outbox-sql.ts';
import { createEventPublisher } from '../../app/events/publish-events.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import type { QueueMessage } from '../../app/platform/aws/sqs.ts';
import { until } from '../support/until.ts';

const GRACE_MS = 5000;
const log = createLog({ level: 'error', role: 'test', stage: 'unit' });

/** These tests never acknowledge an event, so nothing is deleted. */
const noDatabase = {} as Database;

const someEvents = (count: number): OutboxEvent[] =>
  Array.from({ length: count }, (_, index) => ({ eventId: String(index), type: 'test', payload: '{}' }));

/** A slow queue: it answers each call when the test says so, and acknowledges nothing. */
function slowQueue() {
  const calls: { readonly messages: readonly QueueMessage[]; readonly answer: () => void }[] = [];
  const send = (messages: readonly QueueMessage[]) =>
    new Promise<ReadonlySet<string>>((resolve) => {
      calls.push({ messages, answer: () => resolve(new Set()) });
    });
  return { calls, send };
}

describe('the publisher', () => {
  it('leaves to the relay what has waited longer than the grace', async () => {
    const { calls, send } = slowQueue();
    let timeMs = 0;
    const publisher = createEventPublisher({
      database: noDatabase,
      send,
      graceMs: GRACE_MS,
      nowMs: () => timeMs,
      log,
    });
    publisher.publish(someEvents(500));
    expect(calls).to.have.lengthOf(16);
    timeMs = GRACE_MS - 1;
    calls[0]?.answer();
    await until('the next call', () => calls.length === 17);
    expect(publisher.waiting()).to.equal(330);
    timeMs = GRACE_MS;
    for (const { answer } of calls) answer();
    await publisher.idle();
    expect(calls).to.have.lengthOf(17);
    expect(publisher.waiting()).to.equal(0);
  });

  it('fills a batch while another one is under way', async () => {
    const { calls, send } = slowQueue();
    const publisher = createEventPublisher({
      database: noDatabase,
      send,
      graceMs: GRACE_MS,
      nowMs: () => 0,
      log,
    });
    const sizes = () => calls.map(({ messages }) => messages.length);
    publisher.publish(someEvents(3));
    publisher.publish(someEvents(4));
    expect(sizes()).to.deep.equal([3]);
    publisher.publish(someEvents(8));
    expect(sizes()).to.deep.equal([3, 10]);
    for (const { answer } of calls) answer();
    await until('the rest has gone', () => calls.length === 3);
    expect(sizes()).to.deep.equal([3, 10, 2]);
    calls[2]?.answer();
    await publisher.idle();
  });
});
