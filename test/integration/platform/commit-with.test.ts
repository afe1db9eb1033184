import { expect } from 'chai';
import type { Database, Transaction } from '../../../app/platform/mysql/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';

const work = { name: 'test', rerunnable: true };

describe('a COMMIT that is sent with the last statements', () => {
  let witness: TestDatabase;
  let database: Database;

  before(async () => {
    witness = await createTestDatabase();
    await witness.write(
      'CREATE TABLE account (id INT PRIMARY KEY, units INT NOT NULL, CONSTRAINT units_not_negative ' +
        'CHECK (units >= 0)) ENGINE = InnoDB',
    );
    database = openAppDatabase(witness.url);
  });
  after(() => database.close());
  beforeEach(async () => {
    await witness.write('DELETE FROM account');
    await witness.write('INSERT INTO account VALUES (1, 10), (2, 10)');
  });

  const units = () =>
    witness
      .read<{ units: number }>('SELECT units FROM account ORDER BY id')
      .then((rows) => rows.map((row) => row.units));

  it('needs no round trip of its own', async () => {
    let late: unknown;
    await database.withTransaction(work, async (tx) => {
      await tx.commitWith([
        tx.writeRows(1, 'UPDATE account SET units = 3 WHERE id = 1'),
        tx.writeRows(2, 'UPDATE account SET units = units + 1'),
      ]);
      expect(await units(), 'seen from another connection').to.deep.equal([4, 11]);
      late = await tx.write('UPDATE account SET units = 0 WHERE id = 1').catch((error: unknown) => error);
    });
    expect(late).to.be.an('error');
    expect(await units()).to.deep.equal([4, 11]);
  });

  /** A transaction whose COMMIT goes with three writes, of which the second is this one. */
  const commitAround = (write: (tx: Transaction) => Promise<unknown>): Promise<void> =>
    database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = 1 WHERE id = 1');
      await tx.commitWith([
        tx.write('UPDATE account SET units = 2 WHERE id = 1'),
        write(tx),
        tx.write('UPDATE account SET units = 3 WHERE id = 1'),
      ]);
    });

  const lastStatements: [what: string, write: (tx: Transaction) => Promise<unknown>, errno: number[]][] = [
    [
      'violates a check constraint',
      (tx) => tx.write('UPDATE account SET units = -1 WHERE id = 2'),
      [4025, 3819],
    ],
    ['violates a unique key', (tx) => tx.write('INSERT INTO account VALUES (2, 1)'), [1062]],
    ['changes no row', (tx) => tx.writeRows(1, 'UPDATE account SET units = 5 WHERE id = 7'), [1690]],
    ['changes too many rows', (tx) => tx.writeRows(1, 'UPDATE account SET units = 5'), [1690]],
  ];
  for (const [what, write, errno] of lastStatements) {
    it(`commits nothing if one of them ${what}`, async () => {
      const failing = commitAround(write);
      expect(await failing.catch((error: { errno?: number }) => error.errno)).to.be.oneOf(errno);
      expect(await units()).to.deep.equal([10, 10]);
      // The connection is clean: the next transaction contains nothing of this one.
      await database.withTransaction(work, (tx) => tx.write('UPDATE account SET units = 8 WHERE id = 2'));
      expect(await units()).to.deep.equal([10, 8]);
    });
  }

  const neverIssued: [what: string, write: (tx: Transaction) => Promise<unknown>, reason: RegExp][] = [
    [
      'has no SQL text',
      (tx) => tx.write('UPDATE account SET units = ? WHERE id = 2', [Number.NaN]),
      /not finite/,
    ],
    [
      'fails before its statement',
      async () => {
        const mapping = async () => {
          throw new Error('no such row');
        };
        await Promise.all([mapping(), Promise.all([])]);
      },
      /no such row/,
    ],
  ];
  for (const [what, write, reason] of neverIssued) {
    it(`is not sent if a write ${what}`, async () => {
      const failing = commitAround(write);
      expect(await failing.catch((error: Error) => error.message)).to.match(reason);
      expect(await units()).to.deep.equal([10, 10]);
      const alone = database.withTransaction(work, (tx) => tx.commitWith([write(tx)]));
      expect(await alone.catch((error: Error) => error.message)).to.match(reason);
    });
  }

  it('is rejected without statements', async () => {
    const failing = database.withTransaction(work, (tx) => tx.commitWith([]));
    expect(await failing.catch((error: Error) => error.message)).to.contain('no statements');
  });
});
