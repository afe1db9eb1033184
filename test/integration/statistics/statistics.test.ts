import { expect } from 'chai';
import { orderCompletedEvent, orderEventSchema } from '../../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { runRedrive } from '../../support/shop/run-redrive.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const HOUR = '2026-03-01 13:00:00';

function event(
  productId: string,
  quantity: number,
  unitPriceKrw: number,
  createdAt = '2026-03-01T13:59:59.999Z',
) {
  return orderCompletedEvent({
    orderId: newUuid(),
    userId: newUuid(),
    totalKrw: quantity * unitPriceKrw,
    discountKrw: 0,
    createdAt: new Date(createdAt),
    items: [{ productId, quantity, unitPriceKrw }],
  });
}

describe('the statistics consumer', () => {
  const shop = useTestShop();
  before('events that nobody acknowledges come back at once', () => shop.events.redeliverSoon());
  beforeEach(() => shop.database.clear());

  const send = (body: string) => shop.events.send(body);
  const sales = (productId: string) =>
    shop.database.read('SELECT sales_hour, units, revenue FROM product_sales_hourly WHERE product_id = ?', [
      uuidBytes(productId),
    ]);
  const drained = () => until('no event waits', async () => (await shop.events.waiting()) === 0);

  it('adds each event to its product and hour', async () => {
    const app = await shop.start(['data-platform']);
    const [cup, pen] = [newUuid(), newUuid()];
    await send(JSON.stringify(event(cup, 2, 300)));
    await send(JSON.stringify(event(cup, 1, 250, '2026-03-01T13:00:00.000Z')));
    await send(JSON.stringify(event(cup, 5, 1, '2026-03-01T14:00:00.000Z')));
    await send(JSON.stringify(event(pen, 1, 40)));
    await drained();
    expect(await sales(cup)).to.deep.equal([
      { sales_hour: new Date(`${HOUR}Z`), units: 3, revenue: 850 },
      { sales_hour: new Date('2026-03-01T14:00:00Z'), units: 5, revenue: 5 },
    ]);
    expect(await sales(pen)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 1, revenue: 40 }]);
    await app.stop();
  });

  it('counts an event once, however often and to whichever process it is delivered', async () => {
    const apps = await Promise.all([shop.start(['data-platform']), shop.start(['data-platform'])]);
    const cup = newUuid();
    const events = Array.from({ length: 8 }, () => JSON.stringify(event(cup, 1, 10)));
    await Promise.all([...events, ...events, ...events].map(send));
    await drained();
    expect(await sales(cup)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 8, revenue: 80 }]);
    expect(await shop.database.value('SELECT COUNT(*) FROM processed_events')).to.equal(8);
    await Promise.all(apps.map((app) => app.stop()));
  });

  it('counts events that wait in the queue at its start, and stops within its drain time', async () => {
    const cup = newUuid();
    await send(JSON.stringify(event(cup, 4, 10)));
    const app = await shop.start(['data-platform']);
    await drained();
    expect(await sales(cup)).to.have.lengthOf(1);
    const startMs = performance.now();
    await app.stop();
    expect(performance.now() - startMs).to.be.lessThan(onThisMachine(2000));
  });

  it('sends a poisoned event to the dead letters and counts its neighbours', async () => {
    const cup = newUuid();
    const good = event(cup, 1, 10);
    const poison = [
      'not json',
      '{}',
      JSON.stringify({ ...good, data: { ...good.data, lines: [{ productId: cup, units: -5, revenue: 1 }] } }),
    ];
    await Promise.all([...poison.slice(0, 2), JSON.stringify(good), ...poison.slice(2)].map(send));
    const app = await shop.start(['data-platform']);
    await until(
      'all poison in the dead letters',
      async () => {
        return (await shop.events.deadLetters()) === poison.length;
      },
      { timeoutMs: 18_000 },
    );
    await drained();
    expect(await sales(cup)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 1, revenue: 10 }]);
    const unreadable = app.logs.filter((line) => line.event === 'event_unreadable');
    // SQS: five receives per message, less those of a consumer that had just stopped. Kafka: one is enough.
    const readsMax = shop.events.transport === 'sqs' ? 5 : 1;
    expect(unreadable.length).to.be.within(poison.length, poison.length * readsMax);
    await app.stop();
  });

  it('counts the neighbours of an event that the database refuses', async () => {
    await shop.database.write(
      'ALTER TABLE product_sales_hourly ADD CONSTRAINT test_refusal CHECK (units <> 13)',
    );
    const cup = newUuid();
    const refused = event(newUuid(), 13, 10);
    await Promise.all(
      [event(cup, 1, 10), refused, event(cup, 2, 10)].map((each) => send(JSON.stringify(each))),
    );
    const app = await shop.start(['data-platform']);
    await until(
      'the refused event in the dead letters',
      async () => {
        return (await shop.events.deadLetters()) > 0 && (await shop.events.waiting()) === 0;
      },
      { timeoutMs: 18_000 },
    );
    expect(await sales(cup)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 3, revenue: 30 }]);
    expect(app.logs.find((line) => line.event === 'event_uncountable')).to.include({ eventId: refused.id });
    await app.stop();
    await shop.database.write('ALTER TABLE product_sales_hourly DROP CONSTRAINT test_refusal');
  });

  it('counts the events of a batch once, beside one that was counted before', async () => {
    const app = await shop.start(['data-platform']);
    const lettersBefore = await shop.events.deadLetters();
    const cup = newUuid();
    const [first, ...others] = Array.from({ length: 100 }, () => event(cup, 1, 10));
    await send(JSON.stringify(first));
    await drained();
    await send(JSON.stringify([first, ...others, first]));
    await send(JSON.stringify([...others, first]));
    await drained();
    expect(await sales(cup)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 100, revenue: 1000 }]);
    expect(await shop.database.value('SELECT COUNT(*) FROM processed_events')).to.equal(100);
    expect(await shop.events.deadLetters()).to.equal(lettersBefore);
    await app.stop();
  });

  it('counts the neighbours of poison in a batch, which alone is a dead letter and returns', async () => {
    await shop.database.write(
      'ALTER TABLE product_sales_hourly ADD CONSTRAINT test_refusal CHECK (units <> 13)',
    );
    const app = await shop.start(['data-platform']);
    const lettersBefore = await shop.events.deadLetters();
    const cup = newUuid();
    const pen = newUuid();
    const refused = event(pen, 13, 10);
    const unreadable = { ...event(cup, 1, 10), data: {} };
    await send(JSON.stringify([event(cup, 1, 10), refused, event(cup, 2, 10), unreadable]));
    await until('two dead letters', async () => (await shop.events.deadLetters()) === lettersBefore + 2);
    await drained();
    expect(await sales(cup)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 3, revenue: 30 }]);
    await shop.database.write('ALTER TABLE product_sales_hourly DROP CONSTRAINT test_refusal');
    expect(await runRedrive(shop.env)).to.deep.equal({
      code: 0,
      output: `dead letters sent back: ${lettersBefore + 2}\n`,
    });
    await until('it is counted', async () => (await sales(pen)).length === 1);
    expect(await sales(pen)).to.deep.equal([{ sales_hour: new Date(`${HOUR}Z`), units: 13, revenue: 130 }]);
    await app.stop();
  });

  it('rejects events with sums or times that no order can have', async () => {
    const good = event(newUuid(), 1, 10);
    const [line] = good.data.lines;
    const wrong = [
      { data: { ...good.data, lines: [{ ...line, units: 50_001 }] } },
      { data: { ...good.data, lines: [{ ...line, revenue: Number.MAX_SAFE_INTEGER }] } },
      { data: { ...good.data, total: Number.MAX_SAFE_INTEGER } },
      { time: '0000-01-01T00:00:00Z' },
      { time: '9999-01-01T00:00:00Z' },
    ];
    expect(orderEventSchema.safeParse(good).success).to.equal(true);
    for (const part of wrong)
      expect(orderEventSchema.safeParse({ ...good, ...part }).success).to.equal(false);
  });
});
