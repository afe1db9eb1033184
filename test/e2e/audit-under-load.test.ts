import { expect } from 'chai';
import { adminClient } from '../support/shop/admin-client.ts';
import type { HttpReply } from '../support/shop/http-client.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

const BUYERS = 12;
const STORM_MS = 6000;
/** Maximum length of the storm; a busy machine needs longer than STORM_MS until enough has happened. */
const STORM_MAX_MS = 120_000;
const EACH_MIN = 5;

describe('audits under load', () => {
  const shop = useTestShop();

  it('find no break while two processes sell, cancel, charge and adjust', async function () {
    const apis = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    const others = await Promise.all([shop.start(['worker']), shop.start(['data-platform'])]);
    const [first, second] = apis;
    const admin = await adminClient(shop, first);
    const hot = await admin.newProduct({ name: 'hot', price: 7, stock: 1_000_000 });
    const other = await admin.newProduct({ name: 'other', price: 9, stock: 1_000_000 });
    const customers = await Promise.all(
      Array.from({ length: BUYERS }, () => shop.client(first).newCustomer(500_000)),
    );

    const startMs = performance.now();
    const sent = { orders: 0, cancellations: 0, charges: 0, adjustments: 0 };
    const reports: { isClean: boolean; breaks: unknown[]; checked: { orders: number } }[] = [];
    const orderCounts = () => reports.map(({ checked }) => checked.orders);
    const isEnough = () =>
      new Set(orderCounts()).size > EACH_MIN &&
      Math.max(...orderCounts()) > sent.orders / 2 &&
      Math.min(sent.cancellations, sent.charges, sent.adjustments) > EACH_MIN;
    const isOn = () => performance.now() < startMs + (isEnough() ? STORM_MS : STORM_MAX_MS);
    /** A busy machine rejects some orders without executing them; they are sent again in the next round. */
    const isDone = (reply: HttpReply) => {
      if (reply.body.code === 'busy_retry') return false;
      expect(reply.status, reply.text).to.equal(200);
      return true;
    };
    const buy = async (buyer: number) => {
      for (let round = 0; isOn(); round += 1) {
        const customer = customers[buyer]?.at((buyer + round) % 2 === 0 ? first.url : second.url);
        if (customer === undefined) throw new Error('no such buyer');
        const items = [{ productId: hot, quantity: 1 + (round % 3) }];
        if (round % 2 === 0) items.push({ productId: other, quantity: 1 });
        const placed = await customer.postOrder(items);
        if (!isDone(placed)) continue;
        sent.orders += 1;
        if (round % 5 === 0) {
          const reply = await customer.post(`/orders/${placed.body.id}/cancel`, undefined, {
            key: `${round}`,
          });
          if (isDone(reply)) sent.cancellations += 1;
        }
        if (round % 7 === 0 && isDone(await customer.charge(1))) sent.charges += 1;
      }
    };
    const adjust = async () => {
      while (isOn()) {
        const path = `/admin/products/${hot}/stock-adjustments`;
        if (isDone(await admin.post(path, { delta: 1, reason: 'found' }))) sent.adjustments += 1;
      }
    };
    const audit = async (mode: string) => {
      while (isOn()) {
        const reply = await admin.get(`/admin/audit?mode=${mode}`);
        if (isDone(reply)) reports.push(reply.body);
      }
    };
    await Promise.all([...customers.map((_, buyer) => buy(buyer)), adjust(), audit('full')]);

    expect(reports.flatMap(({ breaks }) => breaks)).to.deep.equal([]);
    // The audits checked a shop that was changing, not an empty one.
    expect(new Set(orderCounts()).size, 'different snapshots').to.be.greaterThan(EACH_MIN);
    expect(Math.max(...orderCounts())).to.be.greaterThan(sent.orders / 2);
    expect(Math.min(sent.cancellations, sent.charges, sent.adjustments)).to.be.greaterThan(EACH_MIN);

    await until(
      'every event counted',
      async () =>
        (await shop.database.value('SELECT COUNT(*) FROM processed_events')) ===
        sent.orders + sent.cancellations,
    );
    const last = await until('an audit of the shop at rest', async () => {
      const { body } = await admin.get('/admin/audit');
      return body.checked.orders === sent.orders && body.eventsInFlight.count === 0 && body;
    });
    expect(last).to.deep.include({ isClean: true, breaks: [] });
    await Promise.all([...apis, ...others].map((app) => app.stop()));
  });
});
