import { expect } from 'chai';
import { listMigrations } from '../../app/migrations/migrate.ts';

describe('the numbers of the migrations', () => {
  // Two branches easily choose the same one, and then their names decide which statement runs first.
  it('are used once each', async () => {
    const numbers = (await listMigrations()).map(({ name }) => name.slice(0, 4));
    expect(numbers).to.include('0081');
    expect(numbers).to.deep.equal([...new Set(numbers)]);
  });
});
