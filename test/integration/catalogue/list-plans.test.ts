import { expect } from 'chai';
import { listAllProducts } from '../../../app/catalogue/product-sql.ts';
import { listCoupons } from '../../../app/coupons/coupon-sql.ts';
import { listUserCoupons } from '../../../app/coupons/user-coupon-sql.ts';
import { listOrdersOfUser } from '../../../app/orders/order-sql.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { uuidText } from '../../../app/platform/uuid.ts';
import { listWalletEntries } from '../../../app/wallet/wallet-sql.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { fillTables } from '../../support/servers/fill-tables.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';
import { timesOf } from '../../support/times-of.ts';

/** Number of rows in each table; a power of ten. `LIST_ROWS=1000000` also prints rows and times. */
const ROWS = Number(process.env.LIST_ROWS || 10_000);
/**
 * Number of rows of one customer. They are the oldest, so that a list in id order passes all others first.
 * They are more than a list may read, so that the test detects sorting them.
 */
const OWN = 300;
const LIMIT = 20;
/** An index entry and its row, twice where a second table is joined, and a little. */
const ROWS_READ_MAX = 4 * LIMIT + 5;

const OWNER = Buffer.alloc(16, 0xaa);
const userId = uuidText(OWNER);

describe('the lists of a customer and of an admin, in large tables', () => {
  let counter: ReadCounter;
  let database: Pick<Database, 'read'>;

  before(async function () {
    // A busy machine fills a million rows in minutes.
    if (process.env.LIST_ROWS) this.timeout(600_000);
    const { url } = await createTestDatabase();
    await fill(url);
    counter = await openReadCounter(url);
    database = { read: counter.readReplica };
  });
  after(() => counter?.close());

  const lists: Record<string, (beforeLast: string | undefined) => Promise<readonly string[]>> = {
    orders: async (beforeId) =>
      (await listOrdersOfUser(database as Database, { userId, beforeId, limit: LIMIT })).map(
        ({ orderId }) => orderId,
      ),
    "a customer's coupons": async (beforeId) =>
      (await listUserCoupons(database as Database, { userId, beforeId, limit: LIMIT })).map(
        ({ userCouponId }) => userCouponId,
      ),
    'wallet entries': async (beforeSeq) => {
      const query = { userId, beforeSeq: Number(beforeSeq ?? OWN + 1), limit: LIMIT };
      return (await listWalletEntries(database as Database, query)).map(({ seq }) => String(seq));
    },
    'all coupons': async (beforeId) =>
      (await listCoupons(database as Database, { beforeId, limit: LIMIT })).map(({ couponId }) => couponId),
    'all products': async (beforeId) =>
      (await listAllProducts(database as Database, { beforeId, limit: LIMIT })).map(({ id }) => id),
  };

  for (const [name, list] of Object.entries(lists)) {
    it(`read only the ${name} of the page`, async () => {
      const first = await list(undefined);
      expect(first).to.have.lengthOf(LIMIT);
      const second = await list(first.at(-1));
      expect(second).to.have.lengthOf(LIMIT);
      expect(second.filter((id) => first.includes(id))).to.deep.equal([]);
      for (const { sql, rowsRead } of counter.take()) expect(rowsRead, sql).to.be.at.most(ROWS_READ_MAX);
    });
  }

  it('would be reported if they scanned', async () => {
    await counter.readReplica('SELECT MAX(total) FROM orders');
    expect(counter.take()[0]?.rowsRead).to.be.at.least(ROWS);
  });

  // Only with LIST_ROWS, to print rows and times.
  if (process.env.LIST_ROWS) {
    it('take as long as their first pages', async () => {
      for (const [name, list] of Object.entries(lists)) {
        const { p50, p99 } = await timesOf(() => list(undefined));
        const rows = Math.max(...counter.take().map(({ rowsRead }) => rowsRead));
        console.log(`      ${name}: ${rows} rows, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
      }
    });
  }
});

/** Fills the tables. Rows 0 to OWN - 1 belong to OWNER, each other row to a different user. */
async function fill(url: string): Promise<void> {
  const id = "UNHEX(LPAD(HEX(n), 32, '0'))";
  const user = `IF(n < ${OWN}, UNHEX('${OWNER.toString('hex')}'), UNHEX(LPAD(n, 32, 'b')))`;
  const seq = `IF(n < ${OWN}, n + 1, 1)`;
  const at = "'2026-01-01'";
  await fillTables(url, ROWS, [
    `INSERT INTO orders (id, user_id, status, subtotal, discount, total, balance_seq, balance_after,
       idempotency_key, request_hash, created_at)
     SELECT ${id}, ${user}, 'COMPLETED', 1, 0, 1, 1, 1, n, REPEAT('h', 32), ${at} FROM numbers`,
    `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, created_at)
     SELECT ${user}, ${seq}, 'CHARGE', 1, 1, ${at} FROM numbers`,
    `INSERT INTO coupons (id, name, kind, amount, quantity, valid_from, valid_until, created_at)
     SELECT ${id}, 'Sale', 'FIXED', 1, 1, ${at}, '2026-02-01', ${at} FROM numbers`,
    `INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at)
     SELECT ${id}, ${id}, ${user}, 'ISSUED', ${at} FROM numbers`,
    `INSERT INTO products (id, name, price, created_at, updated_at)
     SELECT ${id}, 'Cup', 1, ${at}, ${at} FROM numbers`,
    `INSERT INTO product_stock (product_id, quantity) SELECT ${id}, 1 FROM numbers`,
    'ANALYZE TABLE orders, wallet_entries, coupons, user_coupons, products, product_stock',
  ]);
}
