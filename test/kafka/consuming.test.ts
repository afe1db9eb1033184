import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { onCleanup } from '../support/cleanup.ts';
import { holdStatistics } from '../support/servers/hold-statistics.ts';
import { createTestTopics, type TestTopics } from '../support/servers/kafka.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

const cup = newUuid();

function completed(): { key: string; body: string } {
  const orderId = newUuid();
  const event = orderCompletedEvent({
    orderId,
    userId: newUuid(),
    totalKrw: 10,
    discountKrw: 0,
    createdAt: new Date(),
    items: [{ productId: cup, quantity: 1, unitPriceKrw: 10 }],
  });
  return { key: orderId, body: JSON.stringify(event) };
}

describe('consumers of a topic', () => {
  const shop = useTestShop();
  let topics: TestTopics;
  beforeEach(async () => {
    await shop.database.clear();
    topics = await createTestTopics();
  });

  const start = () => shop.start(['data-platform'], { env: { ...topics.env } });
  const sendMany = async (count: number) => {
    const events = Array.from({ length: count }, completed);
    for (let from = 0; from < count; from += 500) await topics.sendAll(events.slice(from, from + 500));
    return events;
  };
  const counted = () => shop.database.value('SELECT COUNT(*) FROM processed_events');
  const units = () =>
    shop.database.value('SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?', [
      uuidBytes(cup),
    ]);
  const allSettled = () => until('no event waits', async () => (await topics.waiting()) === 0);
  const partitionsOf = (app: AppProcess) => {
    const line = app.logs.findLast(({ event }) => event === 'kafka_partitions_assigned');
    return (line?.['partitions'] as number[] | undefined) ?? [];
  };

  it('count each event once while the partitions move from one consumer to two and back', async () => {
    const first = await start();
    await until('the partitions', () => partitionsOf(first).length === 6);
    const sending = sendMany(6000);
    await until('counting has begun', async () => (await counted()) > 0);
    const second = await start();
    await until('half of the partitions each', () => {
      return partitionsOf(first).length === 3 && partitionsOf(second).length === 3;
    });
    await second.stop();
    await until('all partitions again', () => partitionsOf(first).length === 6);
    await sending;
    await allSettled();
    expect([await counted(), await units()]).to.deep.equal([6000, 6000]);
    expect(await topics.deadLetters()).to.equal(0);
    await first.stop();
  });

  it('are ready only once they consume, also where the file of an earlier process says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rowlock-ready-'));
    onCleanup(() => rmSync(folder, { recursive: true, force: true }));
    const READY_FILE = join(folder, 'ready');
    writeFileSync(READY_FILE, '');
    const env = { ...topics.env, READY_FILE };
    const waiting = await shop.start(['data-platform'], { env: { ...env, KAFKA_BROKERS: '127.0.0.1:1' } });
    const { reason } = await waiting.waitForLog('events_unavailable');
    expect(reason).to.equal('Kafka at 127.0.0.1:1 cannot be used: no broker answers (ECONNREFUSED)');
    await waiting.waitForLog('event_consume_failed');
    expect(existsSync(READY_FILE)).to.equal(false);
    await waiting.stop();
    const consuming = await shop.start(['data-platform'], { env });
    await until('the file', () => existsSync(READY_FILE));
    await consuming.stop();
  });

  it('count each event once after a consumer was killed in the middle of a batch', async () => {
    const killed = await start();
    await until('the partitions', () => partitionsOf(killed).length === 6);
    const hold = await holdStatistics(shop.database);
    await sendMany(1000);
    await until('the transaction of a batch waits in the database', async () => {
      return (
        (await shop.database.value(
          "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'",
        )) > 0
      );
    });
    expect(await topics.waiting(), 'no offset is committed before the transaction').to.equal(1000);
    await killed.kill();
    await hold.release();
    // The dead member holds its partitions until its session has timed out, after 10 s.
    const next = await start();
    await allSettled();
    expect([await counted(), await units()]).to.deep.equal([1000, 1000]);
    await next.stop();
  });

  it('stop on SIGTERM after the current batch, and leave the rest to the next consumer', async () => {
    const first = await start();
    const sending = sendMany(3000);
    await until('counting has begun', async () => (await counted()) > 0);
    await first.stop();
    await sending;
    const settled = (await topics.committed()).reduce((sum, offset) => sum + Math.max(0, offset), 0);
    expect(settled, 'everything counted was committed').to.equal(await counted());
    const next = await start();
    await allSettled();
    expect([await counted(), await units()]).to.deep.equal([3000, 3000]);
    await next.stop();
  });

  it('change nothing when the whole topic is replayed', async () => {
    const first = await start();
    await sendMany(1000);
    await allSettled();
    await first.stop();
    await topics.rewind();
    expect(await topics.waiting()).to.equal(1000);
    const again = await start();
    await allSettled();
    expect([await counted(), await units()]).to.deep.equal([1000, 1000]);
    expect(await topics.deadLetters()).to.equal(0);
    await again.stop();
  });

  it('skip an unreadable event in a partition, and count those before and after it', async () => {
    const events = Array.from({ length: 200 }, completed);
    const inOne = events.map(({ body }) => ({ body, key: 'one' }));
    const poison = ['not json', '{}', ''].map((body) => ({ body, key: 'one' }));
    await topics.sendAll([...inOne.slice(0, 100), ...poison, ...inOne.slice(100)]);
    const app = await start();
    await allSettled();
    expect([await counted(), await units()]).to.deep.equal([200, 200]);
    const letters = await topics.records(topics.deadLetterTopic);
    expect(letters.map(({ body }) => body).toSorted()).to.deep.equal(['', 'not json', '{}']);
    expect(letters.map(({ headers }) => Number(headers['offset'])).toSorted((a, b) => a - b)).to.deep.equal([
      100, 101, 102,
    ]);
    await app.stop();
  });
});
