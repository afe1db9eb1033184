import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { directDatabase } from '../../faults/run/direct-database.ts';
import type { FaultServer } from '../../faults/run/fault-servers.ts';
import { openFaultShop } from '../../faults/run/fault-shop.ts';
import { createTestAws } from '../../support/servers/aws.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { createTestRedis } from '../../support/servers/redis.ts';
import { appEnvironment } from '../../support/shop/app-environment.ts';
import { endQuickly, startApp } from '../../support/shop/app-process.ts';
import { httpClient } from '../../support/shop/http-client.ts';
import {
  asApp,
  failureOf,
  openNotes,
  ownServer,
  ownServerWithNote,
  query,
  run,
} from './role-switch-servers.ts';

/** Readers of a cluster that shares its storage run so. The server reads the variable only when it starts. */
async function restartReadOnly(server: FaultServer): Promise<void> {
  await server.stop();
  await server.start({ settings: ['innodb_read_only=1'] });
}

// Such a server accepts START TRANSACTION READ WRITE and locking reads, and rejects each write.
describe('a database whose engine is read-only', function () {
  describe('while another server takes over its name', () => {
    let old: FaultServer;
    let next: FaultServer;
    let proxy: FaultProxy;
    let notes: ReturnType<typeof openNotes>;
    before(async () => {
      [old, next] = await Promise.all([ownServerWithNote('old'), ownServerWithNote('next')]);
      await restartReadOnly(old);
    });
    beforeEach(async () => {
      proxy = await openFaultProxy(old.url);
      notes = openNotes(proxy, old);
      await run(next.url, "DELETE FROM notes.notes WHERE name <> 'next'");
      expect(await notes.names()).to.deep.equal(['old']);
    });

    /** Opens a writing connection to the old server. */
    const readForUpdate = () =>
      notes.database.withTransaction({ name: 'note', rerunnable: true }, (tx) =>
        tx.read<{ name: string }>('SELECT name FROM notes FOR UPDATE'),
      );

    it('rejects writes with 1036 on MariaDB and 1015 on MySQL, not with 1836', async () => {
      const connection = await createConnection({ uri: `${asApp(old.url)}notes` });
      try {
        const [row] = await query(old.url, 'SELECT @@version AS version');
        await connection.query('START TRANSACTION READ WRITE');
        const rejected = await connection.query("INSERT INTO notes VALUES ('new')").then(
          () => undefined,
          ({ errno, message }: { errno: number; message: string }) => ({ errno, message }),
        );
        const isMariaDb = String(row?.version).includes('MariaDB');
        expect(rejected?.errno).to.equal(isMariaDb ? 1036 : 1015);
        if (!isMariaDb) expect(rejected?.message).to.include('errno: 165');
      } finally {
        await connection.end();
      }
    });

    it('is replaced by the new one for writes and reads', async () => {
      expect(await readForUpdate()).to.deep.equal([{ name: 'old' }]);
      proxy.retarget(next.url);
      expect(await notes.names()).to.deep.equal(['old']);
      await notes.write('new');
      for (let look = 0; look < 8; look += 1) expect(await notes.names()).to.deep.equal(['new', 'next']);
    });

    it('is replaced for a transaction whose only packet has the COMMIT', async () => {
      await readForUpdate();
      proxy.retarget(next.url);
      await notes.writeAtOnce('new');
      expect(await notes.names()).to.deep.equal(['new', 'next']);
    });

    it('is replaced when the probe detects it, without a write', async () => {
      await readForUpdate();
      proxy.retarget(next.url);
      expect(await failureOf(notes.database.probe())).to.equal('dependency_unavailable');
      expect(await failureOf(notes.database.probe())).to.equal(undefined);
      expect(await notes.names()).to.deep.equal(['next']);
    });

    it('fails a write as unavailable while no other server takes over', async () => {
      expect(await failureOf(notes.write('new'))).to.equal('dependency_unavailable');
      expect(await failureOf(notes.writeAtOnce('new'))).to.equal('dependency_unavailable');
    });
  });

  it('makes a shop answer orders with 503 and serve reads, until it is writable', async () => {
    const [mysql, redis, aws] = await Promise.all([ownServer(), createTestRedis(), createTestAws()]);
    const database = directDatabase(mysql);
    const sold = await openFaultShop({ mysql, redis }, database);
    const app = await startApp({
      roles: ['api'],
      env: appEnvironment({ url: asApp(database.url) }, redis, aws),
    });
    try {
      const customer = httpClient(app.url, sold.customers[0]?.token);
      const order = (key: string) =>
        customer.postOrder([{ productId: sold.productIds[0] as string, quantity: 1 }], { key });
      expect((await order('before')).status).to.equal(200);
      await restartReadOnly(mysql);
      const rejected = await order('meanwhile');
      expect([rejected.status, rejected.body.code]).to.deep.equal([503, 'dependency_unavailable']);
      expect((await customer.get('/status')).body.dependencies.mysql.status).to.equal('down');
      for (const path of ['/me', '/me/balance', '/orders', `/products/${sold.productIds[0]}`]) {
        expect((await customer.get(path)).status, path).to.equal(200);
      }
      await mysql.stop();
      await mysql.start();
      expect((await order('meanwhile')).status).to.equal(200);
      expect((await customer.get('/orders')).body.data).to.have.lengthOf(2);
    } finally {
      await endQuickly(app);
      await Promise.all([redis.release(), aws.remove(), mysql.kill()]);
    }
  });
});
