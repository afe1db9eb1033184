import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { orderCompletedEvent } from '../../../app/events/order-event.ts';
import type { EventReceiver } from '../../../app/platform/event-transport.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { newUuid } from '../../../app/platform/uuid.ts';
import { consumeOrderEvents } from '../../../app/statistics/consume-order-events.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { until } from '../../support/until.ts';

const RECEIVES_MAX = 8;
const PER_BATCH = 10;
/** Per call of the queue: far longer than a transaction. */
const CALL_MS = 60;

const log = createLog({ level: 'error', role: 'test', stage: 'test' });
const newBody = () =>
  JSON.stringify(
    orderCompletedEvent({
      orderId: newUuid(),
      userId: newUuid(),
      totalKrw: 10,
      discountKrw: 0,
      createdAt: new Date(),
      items: [{ productId: newUuid(), quantity: 1, unitPriceKrw: 10 }],
    }),
  );

/** A queue with slow calls. It records how many are in flight, and what is settled. */
function slowQueue(batches: number) {
  const bodies = Array.from({ length: batches * PER_BATCH }, newBody);
  const seen = { inFlight: 0, inFlightMax: 0, received: 0, settled: 0, empty: 0 };
  const call = async () => {
    seen.inFlight += 1;
    seen.inFlightMax = Math.max(seen.inFlightMax, seen.inFlight);
    await delay(CALL_MS);
    seen.inFlight -= 1;
  };
  const receiver: EventReceiver = {
    receivesInFlightMax: RECEIVES_MAX,
    fullBatch: PER_BATCH / 2,
    async receive() {
      await call();
      const messages = bodies.splice(0, PER_BATCH).map((body) => ({ id: newUuid(), body, attempts: 1 }));
      seen.received += messages.length;
      if (messages.length === 0) seen.empty += 1;
      return {
        messages,
        settle: async ({ done }) => {
          await call();
          seen.settled += done.length;
        },
      };
    },
  };
  return { seen, receiver };
}

describe('consuming from a slow queue', () => {
  let witness: TestDatabase;
  let database: Database;
  before(async () => {
    witness = await createTestDatabase();
    database = openAppDatabase(witness.url, { connectionsMax: 2 });
  });
  after(() => database.close());
  beforeEach(() => witness.clear());

  const counted = () => witness.value('SELECT COUNT(*) FROM processed_events');
  const consume = (receiver: EventReceiver, signal: AbortSignal, on = database) =>
    consumeOrderEvents(
      {
        database: on,
        receiver,
        receiveWaitS: 1,
        nowMs: Date.now,
        steadyMs: () => performance.now(),
        random: Math.random,
        log,
      },
      signal,
    );

  it('keeps several calls in flight while batches arrive full, and one when nothing waits', async () => {
    const { seen, receiver } = slowQueue(60);
    const stopping = new AbortController();
    const consuming = consume(receiver, stopping.signal);
    await until('everything is counted and settled', () => seen.settled === 600);
    expect(seen.inFlightMax).to.be.within(4, RECEIVES_MAX);
    expect(await counted()).to.equal(600);
    await until('the helpers have found nothing', () => seen.empty > RECEIVES_MAX && seen.inFlight <= 1);
    stopping.abort();
    await consuming;
  });

  it('receives nothing in vain while the database is down', async () => {
    const down = openAppDatabase('mysql://nobody@127.0.0.1:1/nowhere', { connectionsMax: 2 });
    let probes = 0;
    const probe = () => {
      probes += 1;
      return down.probe();
    };
    const { seen, receiver } = slowQueue(60);
    const stopping = new AbortController();
    const consuming = consume(receiver, stopping.signal, { ...down, probe });
    await until('it has looked for the database again and again', () => probes > 2);
    // The first receiver, and the helper that the full batch has called.
    expect(seen.received).to.be.at.most(2 * RECEIVES_MAX * PER_BATCH);
    const { received } = seen;
    await until('it goes on looking', () => probes > 4);
    expect([seen.received, seen.settled]).to.deep.equal([received, 0]);
    stopping.abort();
    await consuming;
    await down.close();
  });

  it('settles on SIGTERM what it has received, and receives nothing more', async () => {
    const { seen, receiver } = slowQueue(200);
    const stopping = new AbortController();
    const consuming = consume(receiver, stopping.signal);
    await until('several batches are under way', () => seen.inFlightMax > 3);
    stopping.abort();
    await consuming;
    expect(seen.settled).to.equal(seen.received);
    expect(await counted()).to.equal(seen.received);
    expect(seen.received).to.be.below(2000);
    expect(seen.inFlight).to.equal(0);
  });
});
