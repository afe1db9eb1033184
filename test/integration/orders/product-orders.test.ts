import { expect } from 'chai';
import { type Connection, createConnection } from 'mysql2/promise';
import { readProductOrderIds } from '../../../app/orders/product-orders-sql.ts';
import type { Read } from '../../../app/platform/mysql/database.ts';
import { formatSql } from '../../../app/platform/mysql/format-sql.ts';
import { firstUuidAt } from '../../../app/platform/uuid.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import { createTestDatabase } from '../../support/servers/database.ts';

const SEED = Number(process.env['PRODUCT_ORDERS_SEED'] || Math.floor(Math.random() * 2 ** 31));
const SALES = 2000;
const RANGES = 20;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const GAP_MS = 50;
/** Between the arrival of an order and its sale, with the difference of two clocks. */
const DELAY_MAX_MS = 9_000;
const PRODUCT = Buffer.alloc(16, 0x11);

// An order's id carries the time of its arrival, and the index has the order of the sales.
describe('the orders of a product whose sales overtook one another', () => {
  const random = seededRandom(SEED);
  const sales = Array.from({ length: SALES }, (_, number) => {
    const id = firstUuidAt(new Date(START_MS + number * GAP_MS - Math.floor(random() * DELAY_MAX_MS)));
    id.writeUInt32BE(number, 12);
    return { id, seq: 2 * number + 1 };
  });
  let connection: Connection;

  before(async () => {
    const { url } = await createTestDatabase();
    connection = await createConnection({ uri: url });
    await connection.query('SET SESSION foreign_key_checks = 0');
    await connection.query(
      `INSERT INTO order_items (order_id, line, product_id, product_name, unit_price, quantity, stock_after,
         stock_seq) VALUES ?`,
      [sales.map(({ id, seq }) => [id, 1, PRODUCT, 'Cup', 1, 1, 1, seq])],
    );
  });
  after(() => connection?.end());

  const read: Read = async (sql, values = []) => (await connection.query(formatSql(sql, values)))[0] as never;

  it(`are found in every range of times, each once (seed ${SEED})`, async () => {
    for (let count = 0; count < RANGES; count += 1) {
      const [from, until] = [random(), random()]
        .toSorted((a, b) => a - b)
        .map((share) => firstUuidAt(new Date(START_MS + share * SALES * GAP_MS)));
      const found: string[] = [];
      for (let after: Buffer | undefined; ; ) {
        const range = { from, until, after };
        const { ids, last } = await readProductOrderIds(read, PRODUCT, range, 97);
        found.push(...ids.map((id) => id.toString('hex')));
        if (last === undefined) break;
        after = last;
      }
      const within = sales.filter(({ id }) => id.compare(from!) >= 0 && id.compare(until!) < 0);
      const expected = within.toReversed().map(({ id }) => id.toString('hex'));
      expect(found).to.deep.equal(expected);
    }
  });
});
