import { expect } from 'chai';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import { createTestTopics } from '../support/servers/kafka.ts';
import { runRedrive } from '../support/shop/run-redrive.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

describe('the redrive of dead letters', () => {
  const shop = useTestShop();

  it('sends one dead letter back, which is then counted once although Kafka may list it on', async () => {
    const topics = await createTestTopics();
    await shop.database.write(
      'ALTER TABLE product_sales_hourly ADD CONSTRAINT test_one_refusal CHECK (units <> 17)',
    );
    const [first, second, third] = [newUuid(), newUuid(), newUuid()];
    const cup = newUuid();
    for (const orderId of [first, second, third]) {
      const items = [{ productId: newUuid(), quantity: 17, unitPriceKrw: 1 }];
      const own = orderId === second ? [{ productId: cup, quantity: 17, unitPriceKrw: 1 }] : items;
      const order = {
        orderId,
        userId: newUuid(),
        totalKrw: 17,
        discountKrw: 0,
        createdAt: new Date(),
        items: own,
      };
      // One key, so that all three are in one partition, in this order.
      await topics.send(JSON.stringify(orderCompletedEvent(order)), first);
    }
    const app = await shop.start(['data-platform'], { env: topics.env });
    await until('they are dead letters', async () => (await topics.deadLetters()) === 3);
    const admin = await adminClient(shop, await shop.start(['api'], { env: topics.env }));
    const listed = async (): Promise<{ id: string; orderId: string; isCounted: boolean }[]> =>
      (await admin.get('/admin/events/dead-letters')).body.value.events;
    const redrive = async (orderId: string) => {
      const letter = (await listed()).find((each) => each.orderId === orderId);
      return admin.post(`/admin/events/dead-letters/${letter?.id}/redrive`);
    };
    await shop.database.write('ALTER TABLE product_sales_hourly DROP CONSTRAINT test_one_refusal');
    const units = () =>
      shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
        uuidBytes(cup),
      ]);

    expect((await redrive(second)).body).to.deep.equal({ status: 'finished', moved: 1 });
    await until('it is counted', async () => (await units()) === 17);
    const state = (await listed()).map(({ orderId, isCounted }) => [orderId, isCounted]);
    expect(state).to.deep.equal([
      [first, false],
      [second, true],
      [third, false],
    ]);
    // The first of its partition goes: an offset stands for all records before it.
    expect((await redrive(first)).body).to.deep.equal({ status: 'finished', moved: 1 });
    await until('the first is gone', async () => (await listed()).length === 2);
    expect(await runRedrive(topics.env)).to.deep.equal({ code: 0, output: 'dead letters sent back: 2\n' });
    expect(await listed()).to.deep.equal([]);
    await until('no event waits', async () => (await topics.waiting()) === 0);
    expect(await units()).to.equal(17);
    expect((await admin.post('/admin/events/dead-letters/0-999/redrive')).body.code).to.equal(
      'dead_letter_not_found',
    );
    await app.stop();
  });

  it('sends an event back that the database refused, which is then counted once', async () => {
    const topics = await createTestTopics();
    await shop.database.write(
      'ALTER TABLE product_sales_hourly ADD CONSTRAINT test_refusal CHECK (units <> 13)',
    );
    const cup = newUuid();
    const orderId = newUuid();
    const items = [{ productId: cup, quantity: 13, unitPriceKrw: 1 }];
    const order = { orderId, userId: newUuid(), totalKrw: 13, discountKrw: 0, createdAt: new Date(), items };
    await topics.send(JSON.stringify(orderCompletedEvent(order)), orderId);
    const app = await shop.start(['data-platform'], { env: topics.env });
    await until('it is a dead letter', async () => (await topics.deadLetters()) === 1);
    await until('no event waits', async () => (await topics.waiting()) === 0);
    const admin = await adminClient(shop, await shop.start(['api'], { env: topics.env }));
    const listed = async () => (await admin.get('/admin/events/dead-letters')).body.value;
    const letter = { eventId: orderId, orderId, reason: 'uncountable' };
    // Twice: reading takes none away.
    for (let reading = 0; reading < 2; reading += 1) {
      const { events, isComplete } = await listed();
      expect(isComplete).to.equal(true);
      expect(events).to.have.lengthOf(1);
      expect(events[0]).to.deep.include(letter);
    }
    await shop.database.write('ALTER TABLE product_sales_hourly DROP CONSTRAINT test_refusal');

    expect(await runRedrive(topics.env)).to.deep.equal({ code: 0, output: 'dead letters sent back: 1\n' });
    const units = () =>
      shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
        uuidBytes(cup),
      ]);
    expect(await listed()).to.deep.equal({ events: [], isComplete: true });
    await until('it is counted', async () => (await units()) === 13);
    const [first, second] = await topics.records();
    expect([second?.key, second?.partition]).to.deep.equal([orderId, first?.partition]);

    expect(await runRedrive(topics.env)).to.deep.equal({ code: 0, output: 'dead letters sent back: 0\n' });
    expect(await units()).to.equal(13);
    expect(await runRedrive({ ...topics.env, KAFKA_TOPIC: 'nowhere' })).to.deep.equal({
      code: 2,
      output:
        `redrive: not carried out: Kafka at ${topics.brokers} cannot be used: ` +
        'the topic nowhere does not exist\n',
    });
    await app.stop();
  });
});
