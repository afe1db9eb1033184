import { expect } from 'chai';
import { listCouponsLeft, listOpenCoupons } from '../../../app/coupons/coupon-sql.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';

/** Coupons of each kind that cannot be claimed. */
const EACH = Number(process.env.LIST_ROWS || 20_000);
const OPEN = 50;
const LIMIT = 20;
/** Twice for a row behind an index entry, once for the place of the cursor, and a little. */
const ROWS_READ_MAX = 3 * LIMIT + 5;
const HOUR_MS = 3_600_000;

describe('the list of coupons, with many that are unavailable', () => {
  let database: TestDatabase;
  let counter: ReadCounter;
  const at = new Date(Math.floor(Date.now() / 1000) * 1000);

  before(async function () {
    database = await createTestDatabase();
    const late = (hours: number) => new Date(at.getTime() + hours * HOUR_MS);
    // Ids of one kind stand together; those that can be had are the oldest, behind all others of a list by
    // id.
    const kinds = [
      { kind: 0, count: OPEN, until: late(2), issued: 0, stopped: null },
      { kind: 1, count: EACH, until: late(-1), issued: 0, stopped: null },
      { kind: 2, count: EACH, until: late(1), issued: 5, stopped: null },
      { kind: 3, count: EACH, until: late(1), issued: 0, stopped: at },
    ];
    for (const { kind, count, until, issued, stopped } of kinds) {
      const numbers = Array.from({ length: count }, (_, index) => index);
      for (let from = 0; from < count; from += 5000) {
        await database.write(
          `INSERT INTO coupons (id, name, kind, amount, quantity, issued_count, valid_from, valid_until,
             stopped_at, created_at) VALUES ?`,
          [
            numbers
              .slice(from, from + 5000)
              .map((number) => [
                Buffer.from(`${kind}${String(number).padStart(31, '0')}`, 'hex'),
                'Sale',
                'FIXED',
                1,
                5,
                issued,
                late(-2),
                until,
                stopped,
                at,
              ]),
          ],
        );
      }
    }
    await database.read('ANALYZE TABLE coupons');
    counter = await openReadCounter(database.url);
  });
  after(() => counter?.close());

  it('is read page by page without reading those, each coupon once', async () => {
    const seen: string[] = [];
    let afterId: string | undefined;
    do {
      const page = await listOpenCoupons(counter, { at, afterId, limit: LIMIT });
      seen.push(...page.map(({ couponId }) => couponId));
      for (const { sql, rowsRead } of counter.take()) expect(rowsRead, sql).to.be.at.most(ROWS_READ_MAX);
      afterId = page.length < LIMIT ? undefined : page.at(-1)?.couponId;
    } while (afterId !== undefined);
    expect([seen.length, new Set(seen).size]).to.deep.equal([OPEN, OPEN]);
  });

  it('rebuilds counters of available coupons without reading the others', async () => {
    const query = { at, claimable: true, after: undefined, limit: 500 };
    expect(await listCouponsLeft({ read: counter.readReplica }, query)).to.have.lengthOf(OPEN);
    expect(counter.take()[0]?.rowsRead).to.be.at.most(3 * OPEN + 5);
  });

  it('would be reported if it scanned', async () => {
    await counter.readReplica('SELECT MAX(name) FROM coupons');
    expect(counter.take()[0]?.rowsRead).to.be.greaterThan(3 * EACH);
  });
});
