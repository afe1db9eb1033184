import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import { openBarrier } from '../support/barrier.ts';
import { eventFaults, ledgerFaults, statisticsFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';
import type { BuyersJob, BuyersOutcome } from './order-storm-buyers.ts';

const BUYERS_PROCESSES = 3;
const BUYERS = 8;
const ORDERS_EACH = 12;

/**
 * Runs clients in separate processes that start at the same moment; returns the answers that each received.
 */
async function storm(jobs: readonly Omit<BuyersJob, 'barrierPort'>[]): Promise<BuyersOutcome[]> {
  const barrier = await openBarrier(jobs.length);
  try {
    return await Promise.all(
      jobs.map(async (job) => {
        const child = fork(fileURLToPath(new URL('./order-storm-buyers.ts', import.meta.url)));
        child.send({ ...job, barrierPort: barrier.port } satisfies BuyersJob);
        const [outcome] = (await once(child, 'message')) as [BuyersOutcome];
        await once(child, 'exit');
        return outcome;
      }),
    );
  } finally {
    barrier.close();
  }
}

describe('several clients on two API processes', () => {
  const shop = useTestShop();

  it('sell each unit exactly once, and every event reaches the statistics', async function () {
    const apis = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    const others = await Promise.all([shop.start(['worker']), shop.start(['data-platform'])]);
    const [first] = apis;
    const admin = await adminClient(shop, first);
    // The hot product runs out. The others have enough stock, but not every buyer can pay for their order.
    const hot = await admin.newProduct({ name: 'hot', price: 700, stock: 40 });
    const plenty = await admin.newProduct({ name: 'plenty', price: 90, stock: 10_000 });
    const limited = await admin.newProduct({ name: 'limited', price: 10, stock: 500, purchaseLimit: 2 });
    const tokens: string[] = [];
    for (let buyer = 0; buyer < BUYERS_PROCESSES * BUYERS; buyer += 1) {
      tokens.push((await shop.client(first).newCustomer(5000)).token);
    }

    const outcomes = await storm(
      Array.from({ length: BUYERS_PROCESSES }, (_, index) => ({
        urls: apis.map(({ url }) => url),
        tokens: tokens.slice(index * BUYERS, (index + 1) * BUYERS),
        productIds: [hot, plenty, limited],
        ordersEach: ORDERS_EACH,
        seed: index + 1,
      })),
    );

    const answers = outcomes.flatMap(({ answers: own }) => own);
    expect(answers).to.have.lengthOf(BUYERS_PROCESSES * BUYERS * ORDERS_EACH * 2);
    const statuses = new Set(answers.map(({ status, code }) => `${status} ${code}`));
    expect([...statuses].filter((status) => !/^(200|409) /.test(status))).to.deep.equal([]);

    // Each key was sent to both processes: one order, two equal answers.
    const byKey = Map.groupBy(answers, ({ key }) => key);
    for (const own of byKey.values()) {
      const placed = own.filter(({ status }) => status === 200);
      expect(new Set(placed.map(({ orderId }) => orderId)).size).to.be.at.most(1);
    }
    const acknowledged = new Set(answers.flatMap(({ orderId }) => (orderId === undefined ? [] : [orderId])));
    expect(await shop.database.value('SELECT COUNT(*) FROM orders')).to.equal(acknowledged.size);
    for (const orderId of acknowledged) {
      expect(
        await shop.database.value('SELECT COUNT(*) FROM orders WHERE id = ?', [uuidBytes(orderId)]),
      ).to.equal(1);
    }

    // The hot product is sold out to the last unit, and no customer holds more than two of the limited one.
    expect(
      await shop.database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [uuidBytes(hot)]),
    ).to.equal(0);
    const heldMax = await shop.database.value(
      `SELECT MAX(units) FROM (SELECT o.user_id, SUM(i.quantity) AS units FROM order_items i
       JOIN orders o ON o.id = i.order_id WHERE i.product_id = ? GROUP BY o.user_id) held`,
      [uuidBytes(limited)],
    );
    expect(heldMax).to.equal(2);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);

    await until(
      'an empty outbox',
      async () => (await shop.database.value('SELECT COUNT(*) FROM outbox')) === 0,
    );
    await until('no event waits', async () => (await shop.events.waiting()) === 0);
    expect(await shop.events.deadLetters()).to.equal(0);
    expect(await shop.database.value('SELECT COUNT(*) FROM processed_events')).to.equal(acknowledged.size);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
    expect(await eventFaults(shop.database)).to.deep.equal([]);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    await Promise.all([...apis, ...others].map((app) => app.stop()));
  });
});
