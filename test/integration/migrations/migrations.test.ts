import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { listMigrations, type Migration, migrate } from '../../../app/migrations/migrate.ts';
import { OperationalError } from '../../../app/platform/operational-error.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import {
  createEmptyDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../../support/servers/database.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';

function migrationOf(name: string, sql: string): Migration {
  return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

describe('migrations', () => {
  it('can be completed after a crash between any statement and its record', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    for (const { name } of await listMigrations()) {
      await database.write('DELETE FROM schema_migrations WHERE name = ?', [name]);
      expect(await migrate(database.url)).to.deep.equal([name]);
    }
  });

  it('run once when three processes start at the same time', async () => {
    const database = await createEmptyDatabase();
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    expect(applied.flat()).to.deep.equal((await listMigrations()).map(({ name }) => name));
  });

  it('stop if an applied one was changed later', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    await database.write("UPDATE schema_migrations SET sha256 = 'other' WHERE name LIKE '0003%'");
    const refusal = await migrate(database.url).catch(String);
    expect(refusal).to.include('0003').and.to.include('was changed');
  });

  describe('that were run without a record, by a crashed process or by hand,', () => {
    let database: TestDatabase;
    before(async () => {
      database = await createEmptyDatabase();
      await database.write('CREATE TABLE parents (id INT PRIMARY KEY) ENGINE = InnoDB');
      await database.write(
        'CREATE TABLE notes (id INT PRIMARY KEY, parent INT, old INT, text VARCHAR(10), ' +
          'KEY old_key (old)) ENGINE = InnoDB',
      );
    });
    for (const sql of [
      'CREATE TABLE more (id INT PRIMARY KEY) ENGINE = InnoDB',
      'ALTER TABLE notes ADD COLUMN added INT',
      'CREATE INDEX text_key ON notes (text)',
      'ALTER TABLE notes ADD KEY other_key (text, id)',
      'ALTER TABLE notes DROP KEY old_key',
      'ALTER TABLE notes DROP COLUMN old',
      'ALTER TABLE notes ADD CONSTRAINT positive CHECK (id > 0)',
      'ALTER TABLE notes ADD CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id)',
      'DROP TABLE more',
    ]) {
      it(`count as applied: ${sql}`, async () => {
        const migrations = [migrationOf('0001.sql', sql)];
        expect(await migrate(database.url, { migrations })).to.deep.equal(['0001.sql']);
        await database.write('DELETE FROM schema_migrations');
        expect(await migrate(database.url, { migrations })).to.deep.equal(['0001.sql']);
        await database.write('DELETE FROM schema_migrations');
      });
    }

    it('do not hide an invalid statement', async () => {
      const migrations = [migrationOf('0001.sql', 'ALTER TABLE notes ADD COLUMN')];
      expect(await migrate(database.url, { migrations }).catch(String)).to.include('0001.sql');
      expect(await database.value('SELECT COUNT(*) FROM schema_migrations')).to.equal(0);
    });
  });

  it('change one thing per statement, so that each is applied either fully or not at all', async () => {
    for (const { name, sql } of await listMigrations()) {
      if (!/^\s*(--.*\n\s*)*ALTER\b/i.test(sql)) continue;
      const clauses = sql.match(/\b(ADD|DROP|MODIFY|CHANGE|RENAME)\b/gi) ?? [];
      expect(clauses, name).to.have.length.within(1, 1);
    }
  });
});

describe('a migration of a table that a transaction reads', function () {
  const shop = useTestShop();
  let app: AppProcess;
  let cup: string;
  let customers: HttpClient[];
  let number = 0;
  before(async () => {
    app = await shop.start(['api']);
    cup = await (await adminClient(shop, app)).newProduct({ price: 1, stock: 1_000_000 });
    customers = await Promise.all(Array.from({ length: 8 }, () => shop.client(app).newCustomer(1_000_000)));
  });

  /** Opens a long read, such as a dump or an analyst's transaction. */
  async function openReader(): Promise<Connection> {
    const reader = await createConnection({ uri: shop.database.url });
    onCleanup(() => reader.destroy());
    await reader.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await reader.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    await reader.query('SELECT COUNT(*) FROM orders');
    return reader;
  }

  /** Places orders without a pause while `work` runs; returns the count per status and the longest wait. */
  async function whileSelling<T>(work: () => Promise<T>) {
    const statuses = new Map<number, number>();
    let longestMs = 0;
    const over = new AbortController();
    const selling = customers.map(async (customer) => {
      while (!over.signal.aborted) {
        const startMs = performance.now();
        const { status } = await customer.postOrder([{ productId: cup, quantity: 1 }]);
        longestMs = Math.max(longestMs, performance.now() - startMs);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    try {
      const value = await work();
      return { value, statuses, longestMs };
    } finally {
      over.abort();
      await Promise.all(selling);
    }
  }

  const addColumn = () => {
    number += 1;
    return migrationOf(`900${number}.sql`, `ALTER TABLE orders ADD COLUMN channel_${number} INT`);
  };
  const columns = () =>
    shop.database.value(
      'SELECT COUNT(*) FROM information_schema.columns ' +
        "WHERE table_schema = DATABASE() AND column_name LIKE 'channel%'",
    );

  it('fails after its time limit, and every order succeeds meanwhile', async () => {
    const before = await columns();
    const reader = await openReader();
    const attempts: number[] = [];
    const { value, statuses, longestMs } = await whileSelling(() =>
      migrate(shop.database.url, {
        migrations: [addColumn()],
        patienceMs: 9000,
        onBusy: (_, attempt) => attempts.push(attempt),
      }).catch(String),
    );
    expect(value).to.include('900').and.to.include('in use for 9 s');
    expect(attempts.length).to.be.within(2, 3);
    expect([...statuses.keys()], JSON.stringify([...statuses])).to.deep.equal([200]);
    expect(statuses.get(200)).to.be.greaterThan(100);
    expect(longestMs).to.be.lessThan(onThisMachine(1500));
    expect(await columns()).to.equal(before);
    reader.destroy();
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('succeeds once the reader has ended, and so does every order meanwhile', async () => {
    const before = await columns();
    const reader = await openReader();
    const { value, statuses } = await whileSelling(async () => {
      const migration = addColumn();
      const migrated = migrate(shop.database.url, {
        migrations: [migration],
        onBusy: () => void reader.query('COMMIT'),
      });
      return migrated;
    });
    expect(value).to.have.lengthOf(1);
    expect([...statuses.keys()], JSON.stringify([...statuses])).to.deep.equal([200]);
    expect(await columns()).to.equal(before + 1);
    reader.destroy();
  });

  it('does not wait for an audit, which aborts', async () => {
    const database = openAppDatabase(shop.database.url, { connectionsMax: 1 });
    onCleanup(() => database.close());
    const { signal } = new AbortController();
    let looks = 0;
    const audit = database
      .readSnapshot({ signal }, async (read) => {
        for (;;) {
          await read('SELECT COUNT(*) FROM orders');
          looks += 1;
        }
      })
      .catch((error: unknown) => error);
    await until('the audit is at work', () => looks > 0);
    const busy: number[] = [];
    const applied = await migrate(shop.database.url, {
      migrations: [addColumn()],
      onBusy: (_, attempt) => busy.push(attempt),
    });
    expect(applied).to.have.lengthOf(1);
    expect(busy).to.deep.equal([]);
    const failure = await audit;
    expect(failure).to.be.instanceOf(OperationalError).and.to.include({ code: 'busy_retry' });
    expect((failure as Error).message).to.include('gave way');
    // The next snapshot may begin.
    expect(await database.readSnapshot({ signal }, (read) => read('SELECT 1'))).to.have.lengthOf(1);
  });

  it('makes an earlier snapshot retry', async () => {
    const database = await createTestDatabase();
    const reader = openAppDatabase(database.url, { connectionsMax: 1 });
    onCleanup(() => reader.close());
    const { signal } = new AbortController();
    const failure = await reader
      .readSnapshot({ signal }, async (read) => {
        await read('SELECT COUNT(*) FROM users');
        await database.write('ALTER TABLE orders ADD COLUMN channel INT, ALGORITHM = COPY');
        return read('SELECT COUNT(*) FROM orders');
      })
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(OperationalError).and.to.include({ code: 'busy_retry' });
  });
});
