import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import type { Transaction } from '../../../app/platform/mysql/database.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';

const work = { name: 'test', rerunnable: true };

describe('a transaction whose ROLLBACK fails', () => {
  const createAccount = async () => {
    const witness = await createTestDatabase();
    await witness.write('CREATE TABLE account (id INT PRIMARY KEY, units INT NOT NULL) ENGINE = InnoDB');
    await witness.write('INSERT INTO account VALUES (1, 10)');
    return witness;
  };

  it('commits nothing, and its connection is not used again', async () => {
    const witness = await createAccount();
    const database = openAppDatabase(witness.url, { connectionsMax: 1 });
    const admin = await createConnection({ uri: witness.url });
    onCleanup(async () => {
      admin.destroy();
      await database.close();
    });
    const connectionOf = async (tx: Transaction) => {
      const [row] = await tx.read<{ id: number }>('SELECT CONNECTION_ID() AS id');
      return row?.id;
    };
    let lost: number | undefined;
    const failing = database.withTransaction(work, async (tx) => {
      lost = await connectionOf(tx);
      await tx.write('UPDATE account SET units = 1 WHERE id = 1');
      await admin.query(`KILL ${lost}`);
      throw new Error('changed my mind');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('changed my mind');
    expect(await database.withTransaction(work, connectionOf)).to.not.equal(lost);
    expect(await witness.value('SELECT units FROM account')).to.equal(10);
  });

  it('frees its locks and its place in the pool although the server never answers', async () => {
    const witness = await createAccount();
    const proxy = await openFaultProxy(witness.url);
    const database = openAppDatabase(proxy.through(witness.url), { connectionsMax: 1 });
    onCleanup(() => database.close());
    proxy.watchClient((bytes) => (bytes.includes('ROLLBACK') ? 'freeze' : 'forward'));
    const failing = database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = 1 WHERE id = 1');
      throw new Error('changed my mind');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('changed my mind');
    proxy.watchClient(undefined);
    let attempts = 0;
    await database.withTransaction(work, async (tx) => {
      attempts += 1;
      await tx.write('UPDATE account SET units = units + 5 WHERE id = 1');
    });
    expect(attempts).to.equal(1);
    expect(await witness.value('SELECT units FROM account')).to.equal(15);
  });
});
