import { expect } from 'chai';
import { listMigrations, migrate } from '../../app/migrations/migrate.ts';
import { createEmptyDatabase } from '../support/database.ts';

describe('migrations', () => {
  it('can be finished after a crash between any statement and its record', async () => {
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

  it('refuse to go on when an applied one has been changed since', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    await database.write("UPDATE schema_migrations SET sha256 = 'other' WHERE name LIKE '0003%'");
    const refusal = await migrate(database.url).catch(String);
    expect(refusal).to.include('0003').and.to.include('was changed');
  });
});
