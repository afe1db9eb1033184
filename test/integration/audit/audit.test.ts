import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { auditCheckNames } from '../../../app/audit/audit-checks.ts';
import type { AuditReport } from '../../../app/audit/audit-report.ts';
import { auditShop } from '../../../app/audit/audit-shop.ts';
import { readMissingKeys } from '../../../app/audit/unique-keys-sql.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { breaksOf, expectedBreaks } from './audit-breaks.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { type AuditedShop, makeAuditedShop } from '../../support/shop/audited-shop.ts';
import { chainDamages } from './chain-damages.ts';
import { couponDamages } from './coupon-damages.ts';
import { type Corruption, openCorruption } from '../../support/servers/corruption.ts';
import { orderDamages } from './order-damages.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const damages = { ...chainDamages, ...orderDamages, ...couponDamages };

describe('the audit', () => {
  const shop = useTestShop();
  let ids: AuditedShop;
  let database: Database;
  let corruption: Corruption;

  before(async function () {
    ids = await makeAuditedShop(shop);
    database = openAppDatabase(shop.database.url, { connectionsMax: 2 });
    corruption = await openCorruption(shop.database);
  });
  after(async () => {
    await corruption?.close();
    await database?.close();
  });

  const audit = (): Promise<AuditReport> =>
    auditShop(
      { database, steadyMs: () => performance.now() },
      { mode: 'full', eventsLateAfterMs: 0, signal: new AbortController().signal },
    );

  it('uses the right key names while a table is being altered', async function () {
    const migrating = await createConnection({ uri: shop.database.url });
    const end = new AbortController();
    const altering = (async () => {
      for (let count = 0; count < 40; count += 1) {
        await migrating.query('ALTER TABLE orders ADD COLUMN later INT NOT NULL DEFAULT 1');
        await migrating.query('ALTER TABLE orders DROP COLUMN later');
      }
    })().finally(() => end.abort());
    const options = { signal: new AbortController().signal, onlyOneNamed: undefined };
    await database.readSnapshot(options, async (read) => {
      // A transaction that holds locks does not wait for a table that is being altered: MariaDB leaves it
      // out.
      await read('SELECT COUNT(*) FROM products');
      for (let looks = 0; !end.signal.aborted || looks < 100; looks += 1) {
        expect(await readMissingKeys(read)).to.deep.equal([]);
      }
    });
    await altering;
    await migrating.end();
  });

  it('finds nothing in a consistent shop, and reports how much it checked', async () => {
    const report = await audit();
    expect(report.breaks).to.deep.equal([]);
    expect(report.isClean).to.equal(true);
    expect(report.eventsInFlight).to.deep.equal({ count: 0, oldestAgeMs: null });
    expect(report.checked).to.deep.equal({
      products: 3,
      // Three openings, eight sales, one adjustment, two restocks.
      stockChanges: 14,
      wallets: 3,
      // Three charges, six payments, one refund.
      ledgerEntries: 10,
      orders: 6,
      coupons: 1,
      // One in the outbox; five sales and a cancellation in the inbox.
      events: 7,
      statistics: await shop.database.value('SELECT COUNT(*) FROM product_sales_hourly'),
    });
  });

  for (const [title, damage] of Object.entries(damages)) {
    it(`names the row: ${title}`, async () => {
      const { apply, breaks, repair = [] } = damage(ids);
      try {
        await corruption.apply(apply);
        expect(breaksOf(await audit())).to.deep.equal(expectedBreaks(breaks));
      } finally {
        if (repair.length > 0) await corruption.apply(repair);
        await corruption.undo();
      }
      expect((await audit()).breaks).to.deep.equal([]);
    });
  }

  it('covers every check with at least one of these damages', () => {
    const broken = new Set(Object.values(damages).flatMap((damage) => Object.keys(damage(ids).breaks)));
    expect([...broken].toSorted()).to.deep.equal(auditCheckNames.toSorted());
  });
});
