import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { provisionTopics } from '../../localstack/kafka/provision-topics.ts';
import { createTestTopics, type TestTopics } from '../support/servers/kafka.ts';
import { type OwnKafka, startOwnKafka } from '../support/servers/own-kafka.ts';
import { unreadBytes } from '../support/servers/unread-bytes.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import type { HttpClient } from '../support/shop/http-client.ts';
import { eventFaults, ledgerFaults, statisticsFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { until } from '../support/until.ts';

/** A request with an event is larger, one that asks for metadata is smaller. */
const EVENT_BYTES_MIN = 300;

describe('with Kafka down', () => {
  const shop = useTestShop();
  let kafka: OwnKafka;
  let topics: TestTopics;
  before(async () => {
    kafka = await startOwnKafka();
  });
  // A topic of its own for each test: second copies of an event may wait in the one of the test before.
  beforeEach(async () => {
    await shop.database.clear();
    topics = await createTestTopics({ brokers: kafka.brokers });
  });
  afterEach(async () => {
    kafka.thaw();
    await kafka.nodes[0]?.start();
  });

  const settings = () => ({ ...topics.env, RELAY_GRACE_MS: '500' });
  const buyer = async (app: AppProcess) => {
    const cup = await (await adminClient(shop, app)).newProduct({ price: 100, stock: 100 });
    return { cup, customer: await shop.client(app).newCustomer(10_000) };
  };
  const outbox = () => shop.database.value('SELECT COUNT(*) FROM outbox');
  const units = (productId: string) =>
    shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
      uuidBytes(productId),
    ]);
  const kafkaStatus = async (customer: HttpClient) =>
    ((await customer.get('/status')).body.dependencies as Record<string, { status: string }>)['kafka']
      ?.status;
  const isReady = async (customer: HttpClient) => (await customer.get('/readyz')).status === 200;
  const everythingAddsUp = async () => {
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
  };

  const ways = {
    killed: () => kafka.nodes[0]?.kill(),
    frozen: async () => kafka.freeze(),
  };
  for (const [name, takeAway] of Object.entries(ways)) {
    it(`sells while the broker is ${name}, and every event arrives when it is back`, async () => {
      const app = await shop.start(['api', 'worker', 'data-platform'], { env: settings() });
      const { cup, customer } = await buyer(app);
      expect(await kafkaStatus(customer)).to.equal('up');
      await takeAway();
      for (let order = 1; order <= 5; order += 1) {
        const startMs = performance.now();
        const { status, text } = await customer.postOrder([{ productId: cup, quantity: 2 }]);
        expect(status, text).to.equal(200);
        expect(performance.now() - startMs).to.be.lessThan(onThisMachine(1000));
      }
      await app.waitForLog('event_send_failed');
      expect(await kafkaStatus(customer)).to.equal('down');
      expect((await customer.get('/status')).status).to.equal(503);
      expect(await isReady(customer)).to.equal(true);
      expect([await outbox(), await units(cup)]).to.deep.equal([5, 0]);

      kafka.thaw();
      await kafka.nodes[0]?.start();
      await until('every event is counted', async () => (await units(cup)) === 10, { timeoutMs: 60_000 });
      await until('an empty outbox', async () => (await outbox()) === 0, { timeoutMs: 60_000 });
      await until('Kafka is up', async () => (await kafkaStatus(customer)) === 'up');
      await everythingAddsUp();
      await app.stop();
    });
  }

  it('sells without its topics, says which is missing, and delivers the events once they exist', async () => {
    const names = { topic: 'made-later', deadLetterTopic: 'made-later.dead-letter' };
    const env = {
      ...settings(),
      KAFKA_TOPIC: names.topic,
      KAFKA_DEAD_LETTER_TOPIC: names.deadLetterTopic,
      KAFKA_GROUP: 'made-later',
    };
    const api = await shop.start(['api', 'worker'], { env });
    const { cup, customer } = await buyer(api);
    const reasonOf = async (app: AppProcess) => (await app.waitForLog('events_unavailable'))['reason'];
    const missing = (name: string) =>
      `Kafka at ${kafka.brokers} cannot be used: the topic ${name} does not exist`;
    expect(await reasonOf(api)).to.equal(missing(names.topic));
    expect((await customer.get('/status')).status).to.equal(503);
    expect(await isReady(customer)).to.equal(true);
    expect((await customer.postOrder([{ productId: cup, quantity: 2 }])).status).to.equal(200);
    await api.waitForLog('event_send_failed');
    expect(await outbox()).to.equal(1);

    const { brokers } = kafka;
    const { topic: KAFKA_TOPIC } = await createTestTopics({ brokers });
    const consumer = await shop.start(['data-platform'], { env: { ...env, KAFKA_TOPIC } });
    expect(await reasonOf(consumer)).to.equal(missing(names.deadLetterTopic));
    await consumer.stop();

    await provisionTopics({ brokers, names });
    const counting = await shop.start(['data-platform'], { env });
    await until('the event is counted', async () => (await units(cup)) === 2, { timeoutMs: 60_000 });
    await until('Kafka is up', async () => (await customer.get('/status')).status === 200);
    await everythingAddsUp();
    await counting.stop();
    await api.stop();
  });

  it('stops in order while the broker is frozen', async () => {
    const settled = await shop.start(['data-platform'], { env: settings() });
    await settled.waitForLog('kafka_partitions_assigned');
    kafka.freeze();
    const joining = await shop.start(['data-platform'], { env: settings() });
    // stop() throws unless the process drains and exits with 0.
    await Promise.all([settled.stop(), joining.stop()]);
  });

  it('loses no event of an API that was killed before the broker received it', async () => {
    const api = await shop.start(['api'], { env: settings() });
    const { cup, customer } = await buyer(api);
    await kafka.nodes[0]?.kill();
    expect((await customer.postOrder([{ productId: cup, quantity: 2 }])).status).to.equal(200);
    await api.kill();
    expect(await outbox()).to.equal(1);
    await kafka.nodes[0]?.start();
    const rest = await shop.start(['worker', 'data-platform'], { env: settings() });
    await until('the event is counted', async () => (await units(cup)) === 2, { timeoutMs: 60_000 });
    await until('an empty outbox', async () => (await outbox()) === 0);
    await everythingAddsUp();
    await rest.stop();
  });

  it('counts once an event of an API that was killed before the acknowledgement arrived', async () => {
    const api = await shop.start(['api'], { env: settings() });
    const { cup, customer } = await buyer(api);
    // The connection to the leader is open and warm.
    await customer.postOrder([{ productId: cup, quantity: 1 }]);
    await until('an empty outbox', async () => (await outbox()) === 0);
    const before = await topics.waiting();
    kafka.freeze();
    expect((await customer.postOrder([{ productId: cup, quantity: 3 }])).status).to.equal(200);
    // The event is in the socket of the frozen broker, which appends it once it runs again.
    const port = Number(kafka.brokers.split(':').at(-1));
    await until('the event in its socket', () => unreadBytes(port) > EVENT_BYTES_MIN);
    await api.kill();
    kafka.thaw();
    await until('the broker has it', async () => (await topics.waiting()) === before + 1);
    expect(await outbox()).to.equal(1);
    const rest = await shop.start(['worker', 'data-platform'], { env: settings() });
    await until('an empty outbox', async () => (await outbox()) === 0);
    await until('both copies are settled', async () => (await topics.waiting()) === 0);
    expect(await units(cup)).to.equal(4);
    await everythingAddsUp();
    await rest.stop();
  });
});

describe('with three brokers', () => {
  const shop = useTestShop();

  it('continues after one of them is lost, and counts every event once', async () => {
    const kafka = await startOwnKafka({ brokerCount: 3 });
    const topics = await createTestTopics({ brokers: kafka.brokers, replicas: 3 });
    const app = await shop.start(['api', 'worker', 'data-platform'], { env: topics.env });
    const cup = await (await adminClient(shop, app)).newProduct({ price: 1, stock: 10_000 });
    const customer = await shop.client(app).newCustomer(10_000);
    let placed = 0;
    const order = async () => {
      expect((await customer.postOrder([{ productId: cup, quantity: 1 }])).status).to.equal(200);
      placed += 1;
    };
    for (let each = 0; each < 30; each += 1) await order();
    await kafka.nodes[1]?.kill();
    for (let each = 0; each < 60; each += 1) await order();
    const units = () =>
      shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
        uuidBytes(cup),
      ]);
    // The lost broker stays away: the others elect new leaders.
    await until('every event is counted', async () => (await units()) === placed, { timeoutMs: 90_000 });
    await until('an empty outbox', async () => {
      return (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 0;
    });
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
    await app.stop();
  });
});
