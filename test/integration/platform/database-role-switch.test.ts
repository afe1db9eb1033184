import { expect } from 'chai';
import { type DirectDatabase, directDatabase } from '../../faults/run/direct-database.ts';
import type { FaultServer } from '../../faults/run/fault-servers.ts';
import { type FaultShop, openFaultShop } from '../../faults/run/fault-shop.ts';
import { appEnvironment } from '../../support/shop/app-environment.ts';
import { type AppProcess, endQuickly, startApp } from '../../support/shop/app-process.ts';
import { createTestAws, type TestAws } from '../../support/servers/aws.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { httpClient } from '../../support/shop/http-client.ts';
import { createTestRedis, type TestRedis } from '../../support/servers/redis.ts';
import { until } from '../../support/until.ts';
import {
  asApp,
  failureOf,
  openNotes,
  ownServer,
  ownServerWithNote,
  query,
  run,
} from './role-switch-servers.ts';

const setReadOnly = (server: { readonly url: string }, on: boolean) =>
  run(server.url, `SET GLOBAL read_only = ${on ? 1 : 0}`);

describe('a database that becomes read-only under open connections', function () {
  describe('while another server takes over its name', () => {
    let old: FaultServer;
    let next: FaultServer;
    let proxy: FaultProxy;
    let notes: ReturnType<typeof openNotes>;
    before(async () => {
      [old, next] = await Promise.all([ownServerWithNote('old'), ownServerWithNote('next')]);
    });
    beforeEach(async () => {
      proxy = await openFaultProxy(old.url);
      notes = openNotes(proxy, old);
      await run(next.url, "DELETE FROM notes.notes WHERE name <> 'next'");
    });
    afterEach(() => setReadOnly(old, false));

    it('is replaced by the new one for writes and reads', async () => {
      // Opens several connections of each kind to the old server.
      await Promise.all([1, 2, 3, 4].map((number) => notes.write(`w${number}`)));
      await Promise.all([1, 2, 3, 4].map(notes.names));
      await setReadOnly(old, true);
      proxy.retarget(next.url);
      // No write has been rejected yet.
      expect(await notes.names()).to.include('old');
      await notes.write('new');
      for (let look = 0; look < 8; look += 1) expect(await notes.names()).to.deep.equal(['new', 'next']);
      await notes.database.probe();
    });

    it('is replaced for a transaction whose only packet has the COMMIT', async () => {
      await notes.writeAtOnce('once');
      expect(await notes.names()).to.include('old');
      await setReadOnly(old, true);
      proxy.retarget(next.url);
      await notes.writeAtOnce('new');
      expect(await notes.names()).to.deep.equal(['new', 'next']);
    });

    it('keeps nothing of a transaction whose COMMIT it rejects, which runs again elsewhere', async () => {
      let runs = 0;
      await notes.database.withTransaction({ name: 'note', rerunnable: false }, async (tx) => {
        await tx.write("INSERT INTO notes VALUES ('late')");
        runs += 1;
        if (runs > 1) return;
        await setReadOnly(old, true);
        proxy.retarget(next.url);
      });
      expect(runs).to.equal(2);
      expect(await notes.names()).to.deep.equal(['late', 'next']);
      const [kept] = await query(old.url, "SELECT COUNT(*) AS count FROM notes.notes WHERE name = 'late'");
      expect(kept).to.deep.equal({ count: 0 });
    });

    it('is detected by the probe, without a write', async () => {
      await notes.database.probe();
      expect(await notes.names()).to.include('old');
      await setReadOnly(old, true);
      expect(await failureOf(notes.database.probe())).to.equal('dependency_unavailable');
      expect(await failureOf(notes.database.probe())).to.equal('dependency_unavailable');
      proxy.retarget(next.url);
      await until('the probe succeeds', async () => (await notes.database.probe(), true), {
        timeoutMs: 3000,
      });
      expect(await notes.names()).to.deep.equal(['next']);
    });
  });

  describe('for a shop', () => {
    let mysql: FaultServer;
    let database: DirectDatabase;
    let redis: TestRedis;
    let aws: TestAws;
    let sold: FaultShop;
    let app: AppProcess;
    before(async () => {
      [mysql, redis, aws] = await Promise.all([ownServer(), createTestRedis(), createTestAws()]);
      database = directDatabase(mysql);
      sold = await openFaultShop({ mysql, redis }, database);
      app = await startApp({
        roles: ['api'],
        env: appEnvironment({ url: asApp(database.url) }, redis, aws),
      });
    });
    after(async () => {
      if (app !== undefined) await endQuickly(app);
      await Promise.all([redis?.release(), aws?.remove(), mysql?.kill()]);
    });

    it('is reported as down for writes, serves reads, and orders succeed once it is writable', async () => {
      const customer = httpClient(app.url, sold.customers[0]?.token);
      const order = (key: string) =>
        customer.postOrder([{ productId: sold.productIds[0] as string, quantity: 1 }], { key });
      const mysqlStatus = async () => (await customer.get('/status')).body.dependencies.mysql.status;
      expect((await order('before')).status).to.equal(200);
      expect(await mysqlStatus()).to.equal('up');

      await setReadOnly(mysql, true);
      expect(await mysqlStatus()).to.equal('down');
      const meanwhile = order('meanwhile');
      await app.waitForLog('transaction_retried', ({ transaction }) => transaction === 'place_orders');
      for (const path of ['/me', '/me/balance', '/orders', `/products/${sold.productIds[0]}`, '/readyz']) {
        expect((await customer.get(path)).status, path).to.equal(200);
      }
      await setReadOnly(mysql, false);
      expect((await meanwhile).status).to.equal(200);
      expect((await order('after')).status).to.equal(200);
      expect(await mysqlStatus()).to.equal('up');
      expect((await customer.get('/orders')).body.data).to.have.lengthOf(3);
      expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);
    });
  });
});
