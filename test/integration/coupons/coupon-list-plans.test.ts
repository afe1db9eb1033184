import { expect } from 'chai';
import { listCouponsLeft, listOpenCoupons } from '../../../app/coupons/coupon-sql.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { fillTables } from '../../support/servers/fill-tables.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';
import { timesOf } from '../../support/times-of.ts';

/** Coupons of each of three kinds that cannot be claimed; a power of ten. */
const EACH = Number(process.env.LIST_ROWS || 10_000);
const OPEN = 50;
const LIMIT = 20;
/** Twice for a row behind an index entry, once for the place of the cursor, and a little. */
const ROWS_READ_MAX = 3 * LIMIT + 5;

describe('the list of coupons, with many that are unavailable', () => {
  let counter: ReadCounter;
  const at = new Date(Math.floor(Date.now() / 1000) * 1000);

  const moment = (hours: number) => `FROM_UNIXTIME(${at.getTime() / 1000 + hours * 3600})`;

  before(async function () {
    // A busy machine fills a million rows in minutes.
    if (process.env.LIST_ROWS) this.timeout(600_000);
    const { url } = await createTestDatabase();
    // Ids of one kind stand together. Coupons that can be claimed are the oldest, behind all others of a
    // list by id.
    const kinds = [
      { kind: 0, count: OPEN, until: 2, issued: 0, stopped: 'NULL' },
      { kind: 1, count: EACH, until: -1, issued: 0, stopped: 'NULL' },
      { kind: 2, count: EACH, until: 1, issued: 5, stopped: 'NULL' },
      { kind: 3, count: EACH, until: 1, issued: 0, stopped: moment(0) },
    ];
    const inserts = kinds.map(
      ({ kind, count, until, issued, stopped }) =>
        `INSERT INTO coupons (id, name, kind, amount, quantity, issued_count, valid_from, valid_until,
           stopped_at, created_at)
         SELECT UNHEX(CONCAT('${kind}', LPAD(n, 31, '0'))), 'Sale', 'FIXED', 1, 5, ${issued}, ${moment(-2)},
           ${moment(until)}, ${stopped}, ${moment(0)} FROM numbers WHERE n < ${count}`,
    );
    await fillTables(url, EACH, [...inserts, 'ANALYZE TABLE coupons']);
    counter = await openReadCounter(url);
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

  // Only with LIST_ROWS, to print rows and times.
  if (process.env.LIST_ROWS) {
    it('takes as long as its first page', async () => {
      const { p50, p99 } = await timesOf(() =>
        listOpenCoupons(counter, { at, afterId: undefined, limit: LIMIT }),
      );
      const rows = Math.max(...counter.take().map(({ rowsRead }) => rowsRead));
      console.log(`      ${rows} rows, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
    });
  }
});
