import { expect } from 'chai';
import type { IncomingMessage, MessageBatch } from '../../app/platform/event-transport.ts';
import { openKafkaTransport } from '../../app/platform/kafka/kafka.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { onCleanup } from '../support/cleanup.ts';
import { createTestTopics, type TestTopics } from '../support/servers/kafka.ts';
import { until } from '../support/until.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });

describe('the Kafka transport', () => {
  let topics: TestTopics;
  beforeEach(async () => {
    topics = await createTestTopics();
  });

  const open = (change: { topic?: string; deadLetterTopic?: string } = {}) => {
    const transport = openKafkaTransport({
      settings: { brokers: topics.brokers.split(','), tls: false, clientId: 'rowlock-test' },
      topic: change.topic ?? topics.topic,
      deadLetterTopic: change.deadLetterTopic ?? topics.deadLetterTopic,
      group: topics.group,
      consumes: true,
      log,
    });
    onCleanup(() => transport.close());
    return transport;
  };
  const { signal } = new AbortController();
  const receive = async (transport: ReturnType<typeof open>, waitS = 10): Promise<MessageBatch> =>
    transport.receive({ waitS, signal });
  const settleAll = (batch: MessageBatch) => batch.settle({ done: batch.messages, refused: [] });
  const refused = (message: IncomingMessage) => ({
    message,
    letters: [{ body: message.body, reason: 'unreadable' }],
  });
  const bodiesOf = ({ messages }: MessageBatch) => messages.map(({ body }) => body);

  it('delivers bodies unchanged and returns the acknowledged ids', async () => {
    const transport = open();
    const bodies = ['{"name":"한글 ☕ \\"quoted\\""}', 'line\nbreak\ttab', '<&>'];
    const sent = await transport.send(bodies.map((body, index) => ({ id: `m${index}`, key: 'one', body })));
    expect([...sent]).to.deep.equal(['m0', 'm1', 'm2']);
    const batch = await receive(transport);
    expect(bodiesOf(batch)).to.deep.equal(bodies);
    await settleAll(batch);
    expect(await topics.waiting()).to.equal(0);
  });

  it('counts what waits, and sends back no more dead letters than it is asked to', async () => {
    const transport = open();
    await transport.send(['one', 'two', 'three'].map((id) => ({ id, key: 'same', body: id })));
    expect(await transport.readBacklog()).to.deep.equal({ messages: 3, deadLetters: 0 });
    let letters = 0;
    while (letters < 3) {
      const batch = await receive(transport);
      await batch.settle({ done: [], refused: batch.messages.map(refused) });
      letters += batch.messages.length;
    }
    expect(await transport.readBacklog()).to.deep.equal({ messages: 0, deadLetters: 3 });
    expect(await transport.redrive(2)).to.equal(2);
    expect(await transport.readBacklog()).to.deep.equal({ messages: 2, deadLetters: 1 });
    expect(await transport.redrive(10)).to.equal(1);
    expect(await transport.redrive(10)).to.equal(0);
    expect((await transport.readBacklog()).deadLetters).to.equal(0);
  });

  it('keeps the events of one order in one partition, in the order of sending', async () => {
    const transport = open();
    const keys = Array.from({ length: 30 }, (_, index) => `order-${index}`);
    for (const step of ['completed', 'cancelled'])
      await transport.send(keys.map((key) => ({ id: `${key}/${step}`, key, body: step })));
    const records = await topics.records();
    expect(new Set(records.map(({ partition }) => partition)).size).to.be.greaterThan(3);
    for (const key of keys) {
      const own = records.filter((record) => record.key === key);
      // A send may be repeated when a new topic's leader is not known yet.
      expect([...new Set(own.map(({ body }) => body))]).to.deep.equal(['completed', 'cancelled']);
      expect(own.at(-1)?.body).to.equal('cancelled');
      expect(new Set(own.map(({ partition }) => partition)).size).to.equal(1);
    }
  });

  it("chooses partitions as Kafka's own clients do", async () => {
    // From the tests of Kafka's Java client: murmur2 of the key without its sign, here modulo six partitions.
    const chosen = { '21': 1_173_551_340 % 6, foobar: 1_357_151_166 % 6, 'a-little-bit-long-string': 2 };
    await open().send(Object.keys(chosen).map((key) => ({ id: key, key, body: key })));
    const records = await topics.records();
    expect(Object.fromEntries(records.map(({ key, partition }) => [key, partition]))).to.deep.equal(chosen);
  });

  it('redelivers a batch that was not settled, and commits no offset for it', async () => {
    const transport = open();
    await topics.send('a');
    const first = await receive(transport);
    expect(first.messages.map(({ attempts }) => attempts)).to.deep.equal([1]);
    expect(await topics.waiting()).to.equal(1);
    const second = await receive(transport);
    expect(second.messages.map(({ body, attempts }) => [body, attempts])).to.deep.equal([['a', 2]]);
    await settleAll(second);
    expect(await topics.waiting()).to.equal(0);
  });

  it('redelivers what a dead consumer had not settled', async () => {
    const dead = open();
    await topics.sendAll(['a', 'b', 'c'].map((body) => ({ body, key: 'one' })));
    expect(bodiesOf(await receive(dead))).to.deep.equal(['a', 'b', 'c']);
    await dead.close();
    const next = open();
    expect(bodiesOf(await receive(next))).to.deep.equal(['a', 'b', 'c']);
  });

  it('moves the offset past a rejected event once the dead letter topic has it', async () => {
    const transport = open();
    await topics.sendAll(['good', 'poison', 'good too'].map((body) => ({ body, key: 'one' })));
    const batch = await receive(transport);
    const [good, poison, goodToo] = batch.messages;
    if (good === undefined || poison === undefined || goodToo === undefined) throw new Error('three');
    await batch.settle({ done: [good, goodToo], refused: [refused(poison)] });
    expect(await topics.waiting()).to.equal(0);
    const [letter] = await topics.records(topics.deadLetterTopic);
    expect(letter).to.deep.include({ key: 'one', body: 'poison' });
    expect(letter?.headers).to.include({ topic: topics.topic, offset: '1', reason: 'unreadable' });
  });

  it('moves no offset while the dead letter topic is unavailable', async () => {
    const transport = open({ deadLetterTopic: `${topics.topic}.nowhere` });
    await topics.sendAll(['good', 'poison'].map((body) => ({ body, key: 'one' })));
    const batch = await receive(transport);
    const [good, poison] = batch.messages;
    if (good === undefined || poison === undefined) throw new Error('two');
    const failure = await batch
      .settle({ done: [good], refused: [refused(poison)] })
      .catch((error: Error) => error.message);
    expect(failure).to.match(/the topic .*nowhere does not exist/);
    expect(await topics.waiting()).to.equal(2);
    expect(bodiesOf(await receive(transport))).to.deep.equal(['good', 'poison']);
  });

  it('loses nothing when the broker rejects a commit, and continues', async () => {
    const transport = open();
    await topics.send('a', 'one');
    const batch = await receive(transport);
    await topics.removeMembers();
    await settleAll(batch);
    await topics.send('b', 'one');
    const seen = new Set<string>();
    await until('the next event', async () => {
      const next = await receive(transport, 1);
      for (const body of bodiesOf(next)) seen.add(body);
      await settleAll(next);
      return seen.has('b');
    });
    await until('every event is settled', async () => {
      await settleAll(await receive(transport, 1));
      return (await topics.waiting()) === 0;
    });
  });

  it('reports the number of waiting events', async () => {
    const transport = open();
    await topics.sendAll(Array.from({ length: 300 }, (_, index) => ({ body: `${index}`, key: 'one' })));
    const batch = await receive(transport);
    await settleAll(batch);
    await until('the lag', async () => (await transport.lag()) === 300 - batch.messages.length);
  });

  it('reports a wrong topic or address in one sentence', async () => {
    const reasonOf = (transport: ReturnType<typeof open>) =>
      transport.ping().then(
        () => 'nothing',
        (error: Error) => error.message,
      );
    expect(await reasonOf(open())).to.equal('nothing');
    for (const change of [{ topic: 'nowhere' }, { deadLetterTopic: 'nowhere' }]) {
      expect(await reasonOf(open(change))).to.equal(
        `Kafka at ${topics.brokers} cannot be used: the topic nowhere does not exist`,
      );
    }
  });
});
