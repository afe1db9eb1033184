import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { HttpClient, HttpReply } from '../../support/shop/http-client.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { lockStock, ordersWait } from './stock-lock.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const BALANCE_KRW = 10_000;
const PRICE_KRW = 100;
const STOCK = 100;

describe('orders that meet', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let other: AppProcess;
  let admin: AdminClient;
  let cup: string;
  before(async () => {
    [app, other] = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    admin = await adminClient(shop, app);
  });
  beforeEach(async () => {
    cup = await admin.newProduct({ price: PRICE_KRW, stock: STOCK });
  });

  const newCustomer = () => shop.client(app).newCustomer(BALANCE_KRW);
  const order = (client: HttpClient, key: string): Promise<HttpReply> =>
    client.postOrder([{ productId: cup, quantity: 1 }], { key });
  const ordersUnder = (key: string) =>
    shop.database.value('SELECT COUNT(*) FROM orders WHERE idempotency_key = ?', [key]);
  const stockLeft = () =>
    shop.database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [uuidBytes(cup)]);
  const balanceOf = async (client: HttpClient) => (await client.get('/me/balance')).body.balance;

  it('under one key, concurrent at two processes, yield one order and one response', async () => {
    const [customer, stranger] = await Promise.all([newCustomer(), newCustomer()]);
    const key = randomUUID();
    const lock = await lockStock(shop.database, cup);
    // The first waits for the lock in a separate group. The second waits for the first, the third at the
    // other process.
    const first = order(customer, key);
    await ordersWait(shop.database, cup, 1);
    const others = [order(customer, key), order(customer.at(other.url), key), order(stranger, key)];
    await ordersWait(shop.database, cup, 2);
    await lock.release();

    const replies = await Promise.all([first, ...others]);
    expect(replies.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200]);
    const [mine, theirs] = [replies.slice(0, 3), replies[3] as HttpReply];
    expect(new Set(mine.map(({ text }) => text)).size).to.equal(1);
    const isReplay = ({ headers }: HttpReply) => headers.get('idempotent-replayed') === 'true';
    expect(mine.filter(isReplay)).to.have.lengthOf(2);
    // A key is scoped to its user: the stranger's is a different key.
    expect(isReplay(theirs)).to.equal(false);
    expect(theirs.body.id).not.to.equal(mine[0]?.body.id);
    expect(await ordersUnder(key)).to.equal(2);
    expect(await stockLeft()).to.equal(STOCK - 2);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('under one key in one group yield one order, and another body is rejected', async () => {
    const [customer, opener] = await Promise.all([newCustomer(), newCustomer()]);
    const key = randomUUID();
    const lock = await lockStock(shop.database, cup);
    const before = order(opener, randomUUID());
    await ordersWait(shop.database, cup, 1);
    // These requests wait for the lane and go into the next group together.
    const group = [
      order(customer, key),
      order(customer, key),
      customer.postOrder([{ productId: cup, quantity: 2 }], { key }),
    ];
    await reached(app, customer);
    await lock.release();
    const [first, second, third] = (await Promise.all(group)) as [HttpReply, HttpReply, HttpReply];
    expect((await before).status).to.equal(200);
    const placed = [first, second, third].filter(({ status }) => status === 200);
    // The first request to arrive decides what the key means.
    expect([1, 2]).to.include(placed.length);
    expect(new Set(placed.map(({ text }) => text)).size).to.equal(1);
    for (const { status, body } of [first, second, third]) {
      if (status !== 200) expect([status, body.code]).to.deep.equal([422, 'idempotency_key_reused']);
    }
    expect(await ordersUnder(key)).to.equal(1);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('behind a lock beyond the budget get 503 busy_retry, and the key stays unused', async function () {
    const customer = await newCustomer();
    const key = randomUUID();
    const lock = await lockStock(shop.database, cup);
    const startMs = performance.now();
    const refused = await order(customer, key);
    expect(performance.now() - startMs).to.be.within(4000, onThisMachine(8000));
    expect(refused.status, refused.text).to.equal(503);
    expect(refused.body).to.include({ code: 'busy_retry', status: 503 });
    expect(refused.headers.get('retry-after')).to.match(/^[1-3]$/);
    expect((await customer.get(`/orders?key=${key}`)).body.data).to.deep.equal([]);
    expect([await stockLeft(), await balanceOf(customer)]).to.deep.equal([STOCK, BALANCE_KRW]);

    await lock.release();
    const placed = await order(customer, key);
    expect(placed.status, placed.text).to.equal(200);
    expect(placed.headers.get('idempotent-replayed')).to.equal(null);
    expect([await stockLeft(), await balanceOf(customer)]).to.deep.equal([
      STOCK - 1,
      BALANCE_KRW - PRICE_KRW,
    ]);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  for (const [errno, name] of [
    [1213, 'a deadlock'],
    [1205, 'a lock wait that ran out'],
    [1020, 'a snapshot conflict'],
  ] as const) {
    it(`after ${name} (${errno}) are retried as a whole and placed once`, async () => {
      const customer = await newCustomer();
      const earlier = app.logs.length;
      // The fault comes late in the transaction: stock and wallet have been deducted by then. The counter is
      // in a table that a rollback does not affect.
      await shop.database.write('CREATE TABLE planted (failures INT NOT NULL) ENGINE = MyISAM');
      await shop.database.write('INSERT INTO planted VALUES (2)');
      await shop.database.write(
        `CREATE TRIGGER planted_failure BEFORE INSERT ON outbox FOR EACH ROW BEGIN
           UPDATE planted SET failures = failures - 1;
           IF (SELECT failures FROM planted) >= 0 THEN
             SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'planted';
           END IF;
         END`,
      );
      try {
        const key = randomUUID();
        const placed = await order(customer, key);
        expect(placed.status, placed.text).to.equal(200);
        expect(placed.body).to.include({ balanceAfter: BALANCE_KRW - PRICE_KRW, balanceSeq: 2 });
        expect(await ordersUnder(key)).to.equal(1);
        expect(await shop.database.value('SELECT failures FROM planted')).to.equal(-1);
      } finally {
        await shop.database.write('DROP TRIGGER planted_failure');
        await shop.database.write('DROP TABLE planted');
      }
      expect([await stockLeft(), await balanceOf(customer)]).to.deep.equal([
        STOCK - 1,
        BALANCE_KRW - PRICE_KRW,
      ]);
      const retries = app.logs.slice(earlier).filter(({ event }) => event === 'transaction_retried');
      expect(retries.map(({ transaction, unknown }) => [transaction, unknown])).to.deep.equal([
        ['place_orders', false],
        ['place_orders', false],
      ]);
      expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    });
  }

  it('are placed although the database rejects one of the group', async () => {
    const [opener, culprit] = await Promise.all([newCustomer(), newCustomer()]);
    const neighbours = await Promise.all(Array.from({ length: 6 }, newCustomer));
    // Plant an entry that should not exist: the culprit's payment meets a duplicate key.
    const id = uuidBytes(culprit.userId);
    await shop.database.write(
      'INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, created_at) ' +
        "VALUES (?, 2, 'CHARGE', 0, 0, NOW(3))",
      [id],
    );
    const lock = await lockStock(shop.database, cup);
    const before = order(opener, randomUUID());
    await ordersWait(shop.database, cup, 1);
    const key = randomUUID();
    const clients = [...neighbours.slice(0, 3), culprit, ...neighbours.slice(3)];
    const group = clients.map((client) => order(client, key));
    await reached(app, opener);
    await lock.release();
    const replies = await Promise.all(group);
    expect((await before).status).to.equal(200);

    expect(replies.map(({ status }) => status)).to.deep.equal([200, 200, 200, 500, 200, 200, 200]);
    expect(replies[3]?.body).to.include({ code: 'internal_error' });
    expect(await ordersUnder(key)).to.equal(neighbours.length);
    expect(await stockLeft()).to.equal(STOCK - 1 - neighbours.length);
    for (const client of neighbours) expect(await balanceOf(client)).to.equal(BALANCE_KRW - PRICE_KRW);
    expect(await balanceOf(culprit)).to.equal(BALANCE_KRW);

    await shop.database.write('DELETE FROM wallet_entries WHERE user_id = ? AND seq = 2', [id]);
    const placed = await order(culprit, key);
    expect(placed.status, placed.text).to.equal(200);
    expect(placed.headers.get('idempotent-replayed')).to.equal(null);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('alongside charges and cancellations of the same user keep the ledger intact', async function () {
    const customer = await newCustomer();
    const sides = [customer, customer.at(other.url)];
    const rounds = 15;
    // A busy machine rejects some of the requests. Each request is repeated until it succeeds, once.
    const insistOnAll = (sends: readonly (() => Promise<HttpReply>)[]) =>
      Promise.all(sends.map(insistOnBusyMachine));
    const placed = await insistOnAll(
      sides.flatMap((client, side) =>
        Array.from({ length: rounds }, (_, round) => () => order(client, `first-${side}-${round}`)),
      ),
    );
    expect(new Set(placed.map(({ status }) => status))).to.deep.equal(new Set([200]));
    const replies = await insistOnAll(
      sides.flatMap((client, side) =>
        Array.from({ length: rounds }, (_, round) => [
          () => order(client, `again-${side}-${round}`),
          () => client.charge(7, `charge-${side}-${round}`),
          // Each order is cancelled at both processes, under one key.
          () =>
            client.post(`/orders/${placed[round]?.body.id}/cancel`, undefined, { key: `cancel-${round}` }),
        ]).flat(),
      ),
    );
    expect(replies.filter(({ status }) => status !== 200).map(({ text }) => text)).to.deep.equal([]);
    expect(await balanceOf(customer)).to.equal(
      BALANCE_KRW - 4 * rounds * PRICE_KRW + rounds * PRICE_KRW + 2 * rounds * 7,
    );
    expect(await stockLeft()).to.equal(STOCK - 3 * rounds);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });
});

/**
 * Waits until earlier orders have reached the process: it has answered requests that were sent after them.
 */
async function reached(app: AppProcess, client: HttpClient): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    expect((await client.at(app.url).get('/me/balance')).status).to.equal(200);
  }
}
