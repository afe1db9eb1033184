import { expect } from 'chai';
import { listMigrations, migrate } from '../../../app/migrations/migrate.ts';
import {
  createEmptyDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../../support/servers/database.ts';
import { databaseSnapshot } from '../../support/servers/database-snapshot.ts';
import { watchRedis } from '../../support/servers/redis-snapshot.ts';
import { createTestRedis } from '../../support/servers/redis.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';
import { until } from '../../support/until.ts';

const schemaOf = (database: TestDatabase) =>
  database.read(
    `SELECT table_name, column_name, column_type, is_nullable, column_default, collation_name
       FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 2`,
  );

describe('the test databases', () => {
  it('have exactly the schema of the migrations', async () => {
    const copied = await createTestDatabase();
    const migrated = await createEmptyDatabase();
    const names = await migrate(migrated.url);
    expect(names).to.have.lengthOf((await listMigrations()).length);
    expect(await schemaOf(copied)).to.deep.equal(await schemaOf(migrated));
  });

  it('count as migrated', async () => {
    const database = await createTestDatabase();
    expect(await migrate(database.url)).to.deep.equal([]);
  });

  it('are isolated from each other', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.name).not.to.equal(other.name);
    await one.write('DELETE FROM schema_migrations');
    expect(await one.value('SELECT COUNT(*) FROM schema_migrations')).to.equal(0);
    expect(await other.value('SELECT COUNT(*) FROM schema_migrations')).to.be.greaterThan(0);
  });

  it('are dropped by drop, which may be called again', async () => {
    const witness = await createTestDatabase();
    const database = await createTestDatabase();
    await database.drop();
    await database.drop();
    const rows = await witness.read('SELECT 1 FROM information_schema.schemata WHERE schema_name = ?', [
      database.name,
    ]);
    expect(rows).to.deep.equal([]);
  });

  it('can be emptied without losing the schema', async () => {
    const database = await createTestDatabase();
    await database.write(
      `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until)
       VALUES (UNHEX(REPEAT('0a', 16)), 'test', '{}', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
    );
    await database.clear();
    expect(await database.value('SELECT COUNT(*) FROM outbox')).to.equal(0);
    expect(await migrate(database.url)).to.deep.equal([]);
  });
});

describe('the snapshot of a database', () => {
  it('is the same on every connection, and differs after any write', async () => {
    const database = await createTestDatabase();
    const couponId = await insertCoupon(database);
    for (let others = 0; others < 30; others += 1) await insertCoupon(database);
    const before = await databaseSnapshot(database);
    const again = await Promise.all(Array.from({ length: 300 }, () => databaseSnapshot(database)));
    for (const snapshot of again) expect(snapshot).to.deep.equal(before);
    const writes: [string, string][] = [
      ['coupons', `UPDATE coupons SET name = 'Other' WHERE id = UNHEX(REPLACE('${couponId}', '-', ''))`],
      ['coupons', 'UPDATE coupons SET issued_count = 2 LIMIT 1'],
      ['coupons', 'DELETE FROM coupons LIMIT 1'],
      ['schema_migrations', 'DELETE FROM schema_migrations LIMIT 1'],
    ];
    for (const [table, sql] of writes) {
      const earlier = await databaseSnapshot(database);
      await database.write(sql);
      expect(await databaseSnapshot(database)).not.to.deep.equal(earlier);
      const { [table]: _, ...others } = await databaseSnapshot(database);
      expect(earlier).to.deep.include(others);
    }
  });
});

describe('the snapshot of Redis keys', () => {
  it('reports added, changed and removed keys, except expired ones', async () => {
    const redis = await createTestRedis();
    const { client } = redis;
    await client.mset({ same: '1', changed: '1', removed: '1' });
    await client.set('expiring', '1', 'PX', 50);
    await client.set('removed-early', '1', 'EX', 60);
    const keys = await watchRedis(redis);
    expect(await keys.changes()).to.not.include.members(['same', 'changed', 'removed', 'removed-early']);
    await client.set('changed', '2');
    await client.set('new', '1', 'EX', 60);
    await client.del('removed', 'removed-early');
    await until('the key has expired', async () => (await client.exists('expiring')) === 0);
    expect((await keys.changes()).toSorted()).to.deep.equal(['changed', 'new', 'removed', 'removed-early']);
  });
});

describe('the Redis test databases', () => {
  it('are isolated from each other and empty', async () => {
    const [one, other] = await Promise.all([createTestRedis(), createTestRedis()]);
    expect(one.url).not.to.equal(other.url);
    await one.client.set('key', '1');
    expect(await other.client.get('key')).to.equal(null);
    expect(await other.client.dbsize()).to.equal(0);
    await one.flush();
    expect(await one.client.get('key')).to.equal(null);
  });

  it('can be reused after release', async () => {
    // Claim more often than there are databases: a claim that is not returned would fail this loop.
    for (let round = 0; round < 20; round += 1) await (await createTestRedis()).release();
  });
});
