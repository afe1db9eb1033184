import { Producer } from '@platformatic/kafka';
import { expect } from 'chai';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { onCleanup } from '../support/cleanup.ts';
import { createTestTopics, type TestTopics } from '../support/servers/kafka.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

/** Kafka's default limit of a batch of records, 1 MiB and 12 bytes, less what frames one record. */
const LARGEST_BYTES = 1_048_500;
const LETTER_BYTES_MAX = 65_536;

describe('records that no release of this app has written', () => {
  const shop = useTestShop();
  const cup = newUuid();
  let topics: TestTopics;
  let producer: Producer;
  beforeEach(async () => {
    await shop.database.clear();
    topics = await createTestTopics();
    producer = new Producer({ clientId: 'poison', bootstrapBrokers: topics.brokers.split(',') });
    onCleanup(() => producer.close(true));
  });
  afterEach(() => producer.close(true));

  const event = (lines = 1) => {
    const items = Array.from({ length: lines }, (_, index) => {
      return { productId: index === 0 ? cup : newUuid(), quantity: 1000, unitPriceKrw: 1_000_000_000 };
    });
    const order = { orderId: newUuid(), userId: newUuid(), totalKrw: 10, discountKrw: 0 };
    return orderCompletedEvent({ ...order, createdAt: new Date(), items }, '1');
  };
  const textOf = (content: unknown) => Buffer.from(JSON.stringify(content));
  /** One record per request: many may be larger than a topic takes at once. */
  const send = async (records: readonly { key?: Buffer; value?: Buffer }[]) => {
    for (const record of records) {
      await producer.send({ acks: -1, messages: [{ topic: topics.topic, partition: 0, ...record }] });
    }
  };
  const units = () =>
    shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
      uuidBytes(cup),
    ]);
  /** Waits until the event behind these records is counted, and returns the dead letters. */
  const lettersOf = async (records: readonly { key?: Buffer; value?: Buffer }[]) => {
    await send([...records, { key: Buffer.from('one'), value: textOf(event()) }]);
    const app = await shop.start(['data-platform'], { env: { ...topics.env } });
    await until('no event waits', async () => (await topics.waiting()) === 0);
    expect(await units()).to.equal(1000);
    await app.stop();
    return topics.records(topics.deadLetterTopic);
  };

  const small = {
    'of a future version, with every line that an order may have': textOf({
      ...event(50),
      type: 'rowlock.order.completed.v3',
    }),
    'with more events than a message may have': textOf(Array.from({ length: 257 }, () => 1)),
    'without a value': undefined,
  };
  for (const [name, value] of Object.entries(small)) {
    it(`become dead letters: one ${name}`, async () => {
      const [letter, ...others] = await lettersOf([value === undefined ? {} : { value }]);
      expect(others).to.deep.equal([]);
      expect(letter?.body).to.equal((value ?? '').toString());
      expect(letter?.headers).to.deep.equal({
        topic: topics.topic,
        partition: '0',
        offset: '0',
        reason: 'unreadable',
      });
    });
  }

  const large = {
    'a value as large as the topic takes': { value: Buffer.alloc(LARGEST_BYTES, 'x') },
    'bytes that are no text': { value: Buffer.alloc(500_000, 0xff) },
    'a key as large as the topic takes': { key: Buffer.alloc(LARGEST_BYTES, 'x'), value: Buffer.from('x') },
  };
  for (const [name, record] of Object.entries(large)) {
    it(`become dead letters that name their record, cut to a size that fits: ${name}`, async () => {
      const [letter, ...others] = await lettersOf([record]);
      expect(others).to.deep.equal([]);
      expect(letter?.body).to.equal(record.value.subarray(0, LETTER_BYTES_MAX).toString());
      expect(letter?.key.length).to.be.at.most(1024);
      const isCut = record.value.length > LETTER_BYTES_MAX;
      expect(letter?.headers['cut-from-bytes']).to.equal(isCut ? `${record.value.length}` : undefined);
      expect(letter?.headers).to.include({ topic: topics.topic, partition: '0', offset: '0' });
    });
  }

  it('become dead letters even if they are too large for one request', async () => {
    const value = Buffer.alloc(50_000, 'x');
    const letters = await lettersOf(Array.from({ length: 100 }, () => ({ value })));
    expect(letters.length).to.equal(100);
  });
});
