import { expect } from 'chai';
import type { AuditMode, AuditReport } from '../../../app/audit/audit-report.ts';
import { auditShop } from '../../../app/audit/audit-shop.ts';
import { auditIfDue } from '../../../app/audit/audit-regularly.ts';
import { auditStatistics } from '../../../app/audit/audit-statistics.ts';
import { scopeOf } from '../../../app/audit/audit-scope.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { uuidText } from '../../../app/platform/uuid.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { type AuditedShop, makeAuditedShop } from '../../support/shop/audited-shop.ts';
import { breaksOf, expectedBreaks } from './audit-breaks.ts';
import { chainDamages } from './chain-damages.ts';
import { couponDamages } from './coupon-damages.ts';
import { type Corruption, openCorruption } from '../../support/servers/corruption.ts';
import { orderDamages } from './order-damages.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 60 * 60 * 1000;
const log = createLog({ level: 'error', role: 'test', stage: 'test' });
log.silent = true;
const signal = new AbortController().signal;

/** Damage to rows that were verified before the checkpoint; only the next full audit detects it. */
const behindTheCheckpoint = new Set([
  'a wrong balance after an entry',
  'a charge that names an order',
  'a coupon used in an order that does not name it',
]);

describe('the audit from a checkpoint', () => {
  const shop = useTestShop();
  let ids: AuditedShop;
  let database: Database;

  before(async function () {
    ids = await makeAuditedShop(shop);
    database = openAppDatabase(shop.database.url, { connectionsMax: 2 });
  });
  after(() => database?.close());

  const audit = (mode: AuditMode): Promise<AuditReport> =>
    auditShop({ database, steadyMs: () => performance.now() }, { mode, eventsLateAfterMs: 0, signal });

  describe('between two full audits', () => {
    let corruption: Corruption;
    before(async () => {
      const mark = (kind: string, id: Buffer, seq: number, value: number) =>
        shop.database.write('INSERT INTO audit_marks (kind, id, seq, value) VALUES (?)', [
          [kind, id, seq, value],
        ]);
      await mark('STOCK', ids.cup, 3, 98);
      await mark('STOCK', ids.pen, 1, 50);
      await mark('WALLET', ids.ann, 2, 9700);
      await mark('WALLET', ids.ben, 2, 4700);
      // The checkpoint lies in the current hour, which is not over, so the statistics are left out.
      await shop.database.write(
        "INSERT INTO audit_runs (kind, at) VALUES ('CHECKPOINT', NOW(3) - INTERVAL 10 SECOND)",
      );
      corruption = await openCorruption(shop.database);
    });
    after(async () => {
      await corruption?.close();
      await shop.database.write('DELETE FROM audit_marks');
      await shop.database.write('DELETE FROM audit_runs');
    });

    it('checks only later entries, and finds them consistent', async () => {
      const report = await audit('incremental');
      expect(report.breaks).to.deep.equal([]);
      // The lamp and the admin's wallet have no mark.
      expect(report.checked).to.include({
        products: 3,
        stockChanges: 6 + 3 + 1,
        wallets: 3,
        ledgerEntries: 4 + 2,
      });
    });

    for (const [title, damage] of Object.entries({ ...chainDamages, ...orderDamages, ...couponDamages })) {
      const isSeen = !behindTheCheckpoint.has(title);
      it(`${isSeen ? 'names the row' : 'leaves to the full audit'}: ${title}`, async () => {
        const { apply, breaks, repair = [] } = damage(ids);
        const { statistics: _statistics, coupon_use: _use, ...seen } = breaks;
        try {
          await corruption.apply(apply);
          expect(breaksOf(await audit('incremental'))).to.deep.equal(isSeen ? expectedBreaks(seen) : {});
        } finally {
          if (repair.length > 0) await corruption.apply(repair);
          await corruption.undo();
        }
      });
    }
  });

  it('compares the statistics of an hour once it has ended', async () => {
    const { ids: range, hours } = scopeOf('incremental', {
      checkpoint: new Date(Date.now() - HOUR_MS),
      snapshotAt: new Date(Date.now() + HOUR_MS),
      eventsLateAfterMs: 0,
    }).statistics;
    const compare = () =>
      database.readSnapshot({ signal }, (read) =>
        auditStatistics(read, { ids: range, hours, horizon: new Date(0) }),
      );
    expect((await compare()).broken).to.deep.equal([]);
    const add = (units: number) =>
      shop.database.write('UPDATE product_sales_hourly SET units = units + ? WHERE product_id = ? LIMIT 1', [
        units,
        ids.cup,
      ]);
    await add(2);
    const [row] = (await compare()).broken;
    expect(row?.id).to.equal(uuidText(ids.cup));
    expect(row?.detail).to.match(/: \+2 units and \+0 KRW against the events in the inbox$/);
    await add(-2);
  });

  describe('run at intervals', () => {
    const drifts: number[] = [];
    const turn = (everyMs = 0, fullEveryMs = HOUR_MS) =>
      auditIfDue(
        {
          database,
          everyMs,
          fullEveryMs,
          eventsLateAfterMs: 0,
          onDrift: (drift) => drifts.push(drift),
          nowMs: Date.now,
          steadyMs: () => performance.now(),
          random: Math.random,
          log,
        },
        signal,
      );
    const runAt = (kind: string) =>
      shop.database.value<Date>('SELECT at FROM audit_runs WHERE kind = ?', [kind]);
    beforeEach(async () => {
      await shop.database.write('DELETE FROM audit_marks');
      await shop.database.write('DELETE FROM audit_runs');
    });

    it('checks every row first and stores a mark per chain', async () => {
      expect(await turn()).to.equal(0);
      const marks = await shop.database.read(
        `SELECT kind, id, seq, value FROM audit_marks WHERE id IN (?) ORDER BY kind, id`,
        [[ids.cup, ids.ben]],
      );
      expect(marks).to.deep.equal([
        { kind: 'STOCK', id: ids.cup, seq: 9, value: 90 },
        { kind: 'WALLET', id: ids.ben, seq: 4, value: 3860 },
      ]);
      expect(await runAt('CHECKPOINT')).to.deep.equal(await runAt('FULL'));
      expect((await audit('incremental')).checked).to.include({ stockChanges: 0, ledgerEntries: 0 });
    });

    it('advances the checkpoint with each run', async () => {
      await turn();
      const first = await runAt('CHECKPOINT');
      await turn();
      expect(await runAt('CHECKPOINT')).to.be.greaterThan(first);
      expect(await runAt('FULL')).to.deep.equal(first);
    });

    it('reports a break in each run until it is repaired', async () => {
      await turn();
      const checkpoint = await runAt('CHECKPOINT');
      await shop.database.write('UPDATE wallets SET balance = balance + 1 WHERE user_id = ?', [ids.ben]);
      expect(await turn()).to.equal(1);
      expect(await turn()).to.equal(1);
      expect(await runAt('CHECKPOINT')).to.deep.equal(checkpoint);
      await shop.database.write('UPDATE wallets SET balance = balance - 1 WHERE user_id = ?', [ids.ben]);
      expect(await turn()).to.equal(0);
    });

    it('remembers breaks that only a full audit can find', async () => {
      const set = (balance: number) =>
        shop.database.write('UPDATE wallet_entries SET balance_after = ? WHERE user_id = ? AND seq = 1', [
          balance,
          ids.ben,
        ]);
      await turn();
      await set(1);
      expect(await turn()).to.equal(0);
      expect(await turn(0, 0)).to.equal(2);
      // The next runs do not check the damaged row, but still report it.
      expect((await audit('incremental')).isClean).to.equal(true);
      await shop.database.write("UPDATE audit_runs SET at = at - INTERVAL 2 MINUTE WHERE kind = 'SCHEDULED'");
      const checkpoint = await runAt('CHECKPOINT');
      expect(await turn(60_000)).to.equal(2);
      expect(await runAt('CHECKPOINT')).to.be.greaterThan(checkpoint);
      await set(5000);
      expect(await turn(0, 0)).to.equal(0);
    });

    it('runs once for concurrent callers, and gives all of them the result', async () => {
      await turn();
      const at = await runAt('SCHEDULED');
      await shop.database.write("UPDATE audit_runs SET broken_rows = 7 WHERE kind = 'SCHEDULED'");
      expect(await Promise.all([turn(60_000), turn(60_000)])).to.deep.equal([7, 7]);
      expect(await runAt('SCHEDULED')).to.deep.equal(at);
      await shop.database.write('UPDATE audit_runs SET at = at - INTERVAL 2 MINUTE, broken_rows = 0');
      const checkpoint = await runAt('CHECKPOINT');
      await Promise.all([turn(60_000), turn(60_000), turn(60_000)]);
      expect(await runAt('CHECKPOINT')).to.be.greaterThan(checkpoint);
    });

    it('runs in the worker and logs the broken row', async () => {
      const worker = await shop.start(['worker'], {
        env: { AUDIT_EVERY_MS: '100', AUDIT_EVENTS_LATE_MS: '0' },
      });
      await worker.waitForLog('audited', ({ mode, breaks }) => mode === 'incremental' && breaks === 0);
      await shop.database.write('UPDATE wallets SET balance = balance + 1 WHERE user_id = ?', [ids.ben]);
      const line = await worker.waitForLog('audit_drift');
      expect(line).to.deep.include({ level: 'error', check: 'balance_head', total: 1 });
      expect(line.rows).to.deep.equal([
        {
          id: uuidText(ids.ben),
          detail: 'balance 3861 at version 4; its last change is seq 4 with 3860 after it',
        },
      ]);
      await shop.database.write('UPDATE wallets SET balance = balance - 1 WHERE user_id = ?', [ids.ben]);
      const brokenMs = worker.logs.indexOf(line);
      await until('a clean audit after it', () =>
        worker.logs.slice(brokenMs).some(({ event, breaks }) => event === 'audited' && breaks === 0),
      );
      await worker.stop();
    });
  });
});
