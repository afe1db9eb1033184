import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { type Database, openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { appAccount, type DirectDatabase, directDatabase } from '../../faults/run/direct-database.ts';
import { type FaultServer, startFaultServer } from '../../faults/run/fault-servers.ts';
import { type FaultShop, openFaultShop } from '../../faults/run/fault-shop.ts';
import { appEnvironment } from '../../support/shop/app-environment.ts';
import { type AppProcess, endQuickly, startApp } from '../../support/shop/app-process.ts';
import { createTestAws, type TestAws } from '../../support/servers/aws.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { httpClient } from '../../support/shop/http-client.ts';
import { createTestRedis, type TestRedis } from '../../support/servers/redis.ts';
import { until } from '../../support/until.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });

/** Starts a server for this test alone: its settings apply to all of its clients. */
async function ownServer(): Promise<FaultServer> {
  const dir = mkdtempSync(join(tmpdir(), 'rowlock-role-switch-'));
  onCleanup(() => rmSync(dir, { recursive: true, force: true }));
  return startFaultServer('mysql', dir);
}

/** A server is never read-only for its administrator, so the app has a separate account. */
function asApp(url: string): string {
  const own = new URL(url);
  own.username = appAccount.user;
  own.password = appAccount.password;
  return own.href;
}

async function run(url: string, ...statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: url });
  try {
    for (const sql of statements) await connection.query(sql);
  } finally {
    await connection.end();
  }
}

const setReadOnly = (server: { readonly url: string }, on: boolean) =>
  run(server.url, `SET GLOBAL read_only = ${on ? 1 : 0}`);

describe('a database that becomes read-only under open connections', function () {
  // The servers do not replicate: the rows that a read finds show which server answered.
  describe('while another server takes over its name', () => {
    let old: FaultServer;
    let next: FaultServer;
    let proxy: FaultProxy;
    let database: Database;
    before(async () => {
      [old, next] = await Promise.all([ownServer(), ownServer()]);
      const { user, password } = appAccount;
      for (const [server, name] of [
        [old, 'old'],
        [next, 'next'],
      ] as const) {
        await run(
          server.url,
          'CREATE DATABASE notes',
          'CREATE TABLE notes.notes (name VARCHAR(10) PRIMARY KEY)',
          `INSERT INTO notes.notes VALUES ('${name}')`,
          `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`,
          `GRANT SELECT, INSERT, UPDATE, DELETE ON notes.* TO '${user}'@'%'`,
        );
      }
    });
    beforeEach(async () => {
      proxy = await openFaultProxy(old.url);
      const url = new URL(proxy.through(asApp(old.url)));
      url.pathname = '/notes';
      database = openDatabase({
        writerUrl: url.href,
        connectionsMax: 4,
        log,
        nowMs: () => Date.now(),
        random: Math.random,
      });
      onCleanup(() => database.close());
      await run(next.url, "DELETE FROM notes.notes WHERE name <> 'next'");
    });
    afterEach(() => setReadOnly(old, false));

    const names = async () => {
      const rows = await database.read<{ name: string }>('SELECT name FROM notes ORDER BY name');
      return rows.map(({ name }) => name);
    };
    const write = (name: string) =>
      database.withTransaction({ name: 'note', rerunnable: true }, (tx) =>
        tx.write('INSERT INTO notes VALUES (?)', [name]),
      );

    it('is replaced by the new one for writes and reads', async () => {
      // Opens several connections of each kind to the old server.
      await Promise.all([1, 2, 3, 4].map((number) => write(`w${number}`)));
      await Promise.all([1, 2, 3, 4].map(names));
      await setReadOnly(old, true);
      proxy.retarget(next.url);
      // No write has been rejected yet.
      expect(await names()).to.include('old');
      await write('new');
      for (let look = 0; look < 8; look += 1) expect(await names()).to.deep.equal(['new', 'next']);
      await database.probe();
    });

    it('is detected by the probe, without a write', async () => {
      await database.probe();
      expect(await names()).to.include('old');
      await setReadOnly(old, true);
      expect(await failureOf(database.probe())).to.equal('dependency_unavailable');
      expect(await failureOf(database.probe())).to.equal('dependency_unavailable');
      proxy.retarget(next.url);
      await until('the probe succeeds', async () => (await database.probe(), true), { timeoutMs: 3000 });
      expect(await names()).to.deep.equal(['next']);
    });

    const failureOf = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
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
