import { expect } from 'chai';
import { uuidBytes, uuidText } from '../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { createCustomers, type TestCustomer } from '../support/shop/create-customers.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { crowd, crowdRequest } from '../support/crowd/crowd.ts';

/** Number of runs; `npm run sell-out -- --runs=50` sets more. */
const RUNS = Number(process.env.TEST_RUNS || 2);
const BUYERS = 10_000;
const UNITS = 100;
const PRICE_KRW = 700;
/** Enough for a customer who buys in every run. */
const BALANCE_KRW = 1_000_000;
const RUN_MAX_MS = 180_000;

describe('10,000 buyers for 100 units at two processes', () => {
  const shop = useTestShop();
  let apis: AppProcess[];
  let admin: AdminClient;
  let customers: TestCustomer[];

  before(async function () {
    apis = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    admin = await adminClient(shop, apis[0] as AppProcess);
    customers = await createCustomers(shop, BUYERS, BALANCE_KRW);
  });

  it(`buy exactly 100, ${RUNS} times in ${RUNS}`, async function () {
    this.timeout(RUN_MAX_MS * (RUNS + 1));
    for (let run = 1; run <= RUNS; run += 1) {
      const product = await admin.newProduct({ price: PRICE_KRW, stock: UNITS });
      const body = { items: [{ productId: product, quantity: 1 }] };
      const { answers, durationMs, retries } = await crowd(
        apis.map(({ url }) => url),
        customers.map(({ token }) => crowdRequest({ path: '/orders', token, key: `run-${run}`, body })),
      );
      const winners = answers.flatMap(({ status, id: orderId }, index) =>
        status === 200 && orderId !== undefined ? [{ orderId, index }] : [],
      );
      const refused = answers.filter(({ code }) => code === 'out_of_stock').length;
      console.log(
        `    run ${run}: ${(durationMs / 1000).toFixed(1)} s, ${winners.length} orders, ${refused} out ` +
          `of stock, ${retries} retries after 503`,
      );

      expect(winners).to.have.lengthOf(UNITS);
      expect(refused).to.equal(BUYERS - UNITS);
      expect(answers.filter(({ status }) => status !== 200 && status !== 409)).to.deep.equal([]);
      await expectSoldExactly(product, run, winners);
    }
    for (const app of apis) await app.stop();
  });

  /** Checks the database; its rows decide, not the answers. */
  async function expectSoldExactly(
    product: string,
    run: number,
    winners: readonly { orderId: string; index: number }[],
  ): Promise<void> {
    const { database } = shop;
    const orders = await database.read<{ id: Buffer; user_id: Buffer; quantity: number; paid: number }>(
      `SELECT o.id, o.user_id, i.quantity, -e.amount AS paid
       FROM order_items i JOIN orders o ON o.id = i.order_id
       LEFT JOIN wallet_entries e ON e.user_id = o.user_id AND e.seq = o.balance_seq
         AND e.kind = 'PAYMENT' AND e.order_id = o.id
       WHERE i.product_id = ? AND o.idempotency_key = ?`,
      [uuidBytes(product), `run-${run}`],
    );
    const placed = orders.map(({ id, user_id, quantity, paid }) => [
      uuidText(id),
      uuidText(user_id),
      quantity,
      paid,
    ]);
    const told = winners.map(({ orderId, index }) => [orderId, customers[index]?.userId, 1, PRICE_KRW]);
    expect(placed).to.have.deep.members(told);
    expect(
      await database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [uuidBytes(product)]),
    ).to.equal(0);
    expect(await database.value('SELECT COUNT(*) FROM orders')).to.equal(run * UNITS);
    expect(await database.value('SELECT COUNT(DISTINCT user_id, idempotency_key) FROM orders')).to.equal(
      run * UNITS,
    );
    // Customers who bought nothing still have their full balance.
    const wronged = await database.read<object>(
      `SELECT HEX(w.user_id) AS user, w.balance, COUNT(o.id) AS orders FROM wallets w
       LEFT JOIN orders o ON o.user_id = w.user_id WHERE w.version > 0 GROUP BY w.user_id, w.balance
       HAVING w.balance <> ? - COUNT(o.id) * ?`,
      [BALANCE_KRW, PRICE_KRW],
    );
    expect(wronged).to.deep.equal([]);
    expect(await ledgerFaults(database)).to.deep.equal([]);
  }
});
