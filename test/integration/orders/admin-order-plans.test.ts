import { expect } from 'chai';
import { findEarlierOrders } from '../../../app/orders/order-sql.ts';
import { type SearchOrdersRequest, searchOrders } from '../../../app/orders/search-orders.ts';
import { readStockLedger } from '../../../app/orders/stock-ledger.ts';
import { traceOrder } from '../../../app/orders/trace-order.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { uuidText } from '../../../app/platform/uuid.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { fillTables } from '../../support/servers/fill-tables.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';
import { timesOf } from '../../support/times-of.ts';

/** Number of orders; a power of ten. `LIST_ROWS=1000000` also prints what operators wait for. */
const ROWS = Number(process.env.LIST_ROWS || 10_000);
/** Orders of one customer for one product: the oldest, so that other lists pass all others first. */
const OWN = 300;
const LIMIT = 20;
/** An index entry, the order and its items, once per order of the page and for the one that follows it. */
const ROWS_READ_MAX = 4 * (LIMIT + 1) + 5;
/** Two times are found in the index of a product's sales with seven entries per statement. */
const TIMES_STATEMENTS_MAX = 2 * (Math.ceil(Math.log2(ROWS) / 3) + 1);
const TIMES_READ_MAX = 2 * (7 * Math.ceil(Math.log2(ROWS) / 3) + 3);
/** A change of a stock with what may have caused it: order, cancellation or edit. */
const LEDGER_READ_MAX = 5 * (LIMIT + 1);
/** Where no index covers the filters: 1,000 orders examined, each with its entry, itself and its items. */
const ROWS_EXAMINED_MAX = 4 * 1000 + ROWS_READ_MAX;

const START_MS = Date.parse('2026-01-01T00:00:00Z');
/** Between two orders: at any number of rows they fill about twelve days. */
const GAP_MS = Math.floor(1_000_000_000 / ROWS);
const CUSTOMER = Buffer.alloc(16, 0xaa);
const [RARE, HOT] = ['11', '22'].map((hex) => Buffer.alloc(16, Number.parseInt(hex, 16)));
const productId = uuidText(HOT as Buffer);
const rareId = uuidText(RARE as Buffer);
const email = 'customer@example.com';

interface Search {
  readonly request: Partial<SearchOrdersRequest>;
  /** Of the first page, if it is not full. */
  readonly found?: number;
  /** No index covers the filters. */
  readonly examines?: true;
  /** The index is not in the order of times. */
  readonly findsTimes?: true;
}

const searches: Readonly<Record<string, Search>> = {
  'no filter': { request: {} },
  'a key': { request: { idempotencyKey: '1234' }, found: 1 },
  "a customer's e-mail address": { request: { email } },
  'an unknown e-mail address': { request: { email: 'nobody@example.com' }, found: 0 },
  'a product that everyone buys': { request: { productId } },
  'a product of long ago': { request: { productId: rareId } },
  'completed orders': { request: { status: 'COMPLETED' } },
  'cancelled orders': { request: { status: 'CANCELLED' }, found: Math.min(LIMIT, ROWS / 1000) },
  'a day of long ago': {
    request: { from: new Date('2026-01-02T00:00:00Z'), until: new Date('2026-01-03T00:00:00Z') },
  },
  'a product on a day of long ago': {
    request: {
      productId,
      from: new Date('2026-01-05T00:00:00Z'),
      until: new Date('2026-01-06T00:00:00Z'),
    },
    findsTimes: true,
  },
  'a customer and a status': { request: { email, status: 'CANCELLED' }, found: 0, examines: true },
  'a product and a status': {
    request: { productId, status: 'CANCELLED' },
    found: 1,
    examines: true,
  },
  'a key that others use too': { request: { idempotencyKey: '1234', email }, found: 0 },
  'a customer and a product they did not buy': { request: { email, productId }, found: 0, examines: true },
};

describe("the operators' list of orders, in a large table", () => {
  let counter: ReadCounter;
  let database: Database;

  before(async function () {
    // A busy machine fills a million rows in minutes.
    if (process.env.LIST_ROWS) this.timeout(600_000);
    const { url } = await createTestDatabase();
    await fill(url);
    counter = await openReadCounter(url);
    database = { read: counter.readReplica } as unknown as Database;
  });
  after(() => counter?.close());

  const search = (request: Partial<SearchOrdersRequest>) =>
    searchOrders({ database }, { beforeId: undefined, limit: LIMIT, ...request });

  for (const [name, { request, found = LIMIT, examines, findsTimes }] of Object.entries(searches)) {
    it(`reads only what it shows: ${name}`, async () => {
      const first = await search(request);
      expect(first.orders).to.have.lengthOf(found);
      const ids = first.orders.map(({ orderId }) => orderId);
      expect(ids).to.deep.equal(ids.toSorted().toReversed());
      const statements = counter.take();
      if (findsTimes) expect(statements).to.have.length.of.at.most(TIMES_STATEMENTS_MAX + 5);
      const rowsRead = statements.reduce((sum, statement) => sum + statement.rowsRead, 0);
      const most = (examines ? ROWS_EXAMINED_MAX : ROWS_READ_MAX) + (findsTimes ? TIMES_READ_MAX : 0);
      expect(rowsRead).to.be.at.most(most);
      if (found === LIMIT) {
        const second = await search({ ...request, beforeId: first.nextBeforeId });
        expect(second.orders.filter(({ orderId }) => ids.includes(orderId))).to.deep.equal([]);
        expect(second.orders.length).to.be.greaterThan(0);
      }
      counter.take();
    });
  }

  it('reads only the rows of one order', async () => {
    const [order] = (await search({ email })).orders;
    counter.take();
    const traced = await traceOrder({ database }, order?.orderId ?? '');
    expect(traced?.order.orderId).to.equal(order?.orderId);
    expect(traced?.entries).to.have.lengthOf(1);
    // Some statements run at once, so that the server counts their rows together.
    for (const { sql, rowsRead } of counter.take()) expect(rowsRead, sql).to.be.at.most(ROWS / 50);
  });

  it('leaves the look-up of keys to its own rows', async () => {
    const keys = ['777', '1234', '99'].map((idempotencyKey) => ({
      userId: uuidText(Buffer.from(idempotencyKey.padStart(32, 'b'), 'hex')),
      idempotencyKey,
    }));
    const own = { userId: uuidText(CUSTOMER), idempotencyKey: '99' };
    const found = await findEarlierOrders({ read: counter.readReplica }, [...keys, own]);
    expect([...found.keys()]).to.have.lengthOf(3);
    expect(counter.take().reduce((sum, { rowsRead }) => sum + rowsRead, 0)).to.be.at.most(8);
  });

  it("reads only what it shows: a page of a product's stock ledger", async () => {
    for (const beforeSeq of [undefined, ROWS / 2]) {
      const changes = await readStockLedger({ read: counter.readReplica }, productId, {
        beforeSeq,
        limit: LIMIT,
      });
      expect(changes).to.have.lengthOf(LIMIT);
      const seqs = changes?.map(({ seq }) => seq) ?? [];
      expect(seqs).to.deep.equal(seqs.toSorted((one, other) => other - one));
      expect(seqs[0]).to.equal(beforeSeq === undefined ? 2 * ROWS - 223 : ROWS / 2 - 1);
      const rowsRead = counter.take().reduce((sum, statement) => sum + statement.rowsRead, 0);
      expect(rowsRead).to.be.at.most(LEDGER_READ_MAX);
    }
  });

  it('would be reported if it scanned', async () => {
    await counter.readReplica('SELECT MAX(total) FROM orders');
    expect(counter.take()[0]?.rowsRead).to.be.at.least(ROWS);
  });

  // Asked for, because other work on the machine would fail it.
  if (process.env.LIST_ROWS) {
    it('answers within 50 ms in 99 of 100 cases', async function () {
      const slow: string[] = [];
      for (const [name, { request }] of Object.entries(searches)) {
        const { p50, p99 } = await timesOf(() => search(request));
        console.log(`      ${name}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
        if (p99 >= onThisMachine(50)) slow.push(name);
      }
      counter.take();
      expect(slow).to.deep.equal([]);
    });
  }
});

/** Orders 0 to OWN - 1 are the customer's, of the rare product; each other is of another customer. */
async function fill(url: string): Promise<void> {
  const bytes = (buffer: Buffer | undefined) => `UNHEX('${buffer?.toString('hex')}')`;
  const ms = `(${START_MS} + n * ${GAP_MS})`;
  const id = `UNHEX(CONCAT(LPAD(HEX(${ms}), 12, '0'), '7000', LPAD(HEX(n), 16, '8')))`;
  const at = `FROM_UNIXTIME(${ms} / 1000)`;
  const user = `IF(n < ${OWN}, ${bytes(CUSTOMER)}, UNHEX(LPAD(n, 32, 'b')))`;
  const seq = `IF(n < ${OWN}, n + 1, 1)`;
  const product = `IF(n < ${OWN}, ${bytes(RARE)}, ${bytes(HOT)})`;
  await fillTables(url, ROWS, [
    `INSERT INTO users (id, email, password_hash, created_at)
     VALUES (${bytes(CUSTOMER)}, '${email}', 'none', NOW(3))`,
    `INSERT INTO orders (id, user_id, status, subtotal, discount, total, balance_seq, balance_after,
       idempotency_key, request_hash, created_at)
     SELECT ${id}, ${user}, IF(n % 1000 = 777, 'CANCELLED', 'COMPLETED'), 1, 0, 1, ${seq}, 1, n,
       REPEAT('h', 32), ${at} FROM numbers ORDER BY n`,
    `INSERT INTO order_items (order_id, line, product_id, product_name, unit_price, quantity, stock_after,
       stock_seq)
     SELECT ${id}, 1, ${product}, 'Cup', 1, 1, 1, n + 1 FROM numbers ORDER BY n`,
    `INSERT INTO product_stock (product_id, quantity, version) VALUES (${bytes(HOT)}, 1, ${2 * ROWS})`,
    `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, order_id, created_at)
     SELECT ${user}, ${seq}, 'PAYMENT', -1, 1, ${id}, ${at} FROM numbers`,
    `INSERT INTO stock_entries (product_id, seq, kind, delta, quantity_after, order_id, created_at)
     SELECT ${bytes(HOT)}, ${ROWS} + n, 'RESTOCK', 1, 1, ${id}, ${at} FROM numbers WHERE n % 1000 = 777`,
    'ANALYZE TABLE stock_entries, orders, order_items, product_stock, wallet_entries',
  ]);
}
