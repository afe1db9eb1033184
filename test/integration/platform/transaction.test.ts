import { expect } from 'chai';
import { createConnection, type Connection } from 'mysql2/promise';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { OperationalError } from '../../../app/platform/operational-error.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { arriveAt, openBarrier } from '../../support/barrier.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { until } from '../../support/until.ts';

const work = { name: 'test', rerunnable: true };

describe('withTransaction', () => {
  let witness: TestDatabase;
  let database: Database;
  let conflicts: string[];

  before(async () => {
    witness = await createTestDatabase();
    await witness.write(
      'CREATE TABLE account (id INT PRIMARY KEY, units INT NOT NULL, CONSTRAINT units_not_negative ' +
        'CHECK (units >= 0)) ENGINE = InnoDB',
    );
    database = openAppDatabase(witness.url, { onLockConflict: (kind) => conflicts.push(kind) });
  });
  after(() => database.close());
  beforeEach(async () => {
    conflicts = [];
    await witness.write('DELETE FROM account');
    await witness.write('INSERT INTO account VALUES (1, 10), (2, 10)');
  });

  const units = () =>
    witness
      .read<{ units: number }>('SELECT units FROM account ORDER BY id')
      .then((rows) => rows.map((row) => row.units));

  /** Opens another client, outside the app. */
  const neighbour = async (): Promise<Connection> => {
    const connection = await createConnection({ uri: witness.url });
    onCleanup(() => connection.destroy());
    return connection;
  };

  it('commits everything or nothing', async () => {
    await database.withTransaction(work, (tx) => tx.write('UPDATE account SET units = 9 WHERE id = 1'));
    expect(await units()).to.deep.equal([9, 10]);
    const failing = database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = 8 WHERE id = 1');
      throw new Error('changed my mind');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('changed my mind');
    expect(await units()).to.deep.equal([9, 10]);
  });

  it('commits nothing after a failed statement, even if the work ignores the error', async () => {
    const careless = database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = 0 WHERE id = 1');
      await tx.write('INSERT INTO account VALUES (2, 1)').catch(() => undefined);
      return 'it looked fine';
    });
    expect(await careless.catch((error: { errno?: number }) => error.errno)).to.equal(1062);
    const alsoCareless = database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = 0 WHERE id = 1');
      await tx.write('UPDATE account SET units = ? WHERE id = 2', [Number.NaN]).catch(() => undefined);
    });
    expect(await alsoCareless.catch((error: Error) => error.message)).to.contain('not finite');
    expect(await units()).to.deep.equal([10, 10]);
  });

  it('runs concurrent statements in order, and none after a failed one', async () => {
    const answers = await database.withTransaction(work, (tx) =>
      Promise.all([
        tx.read<{ units: number }>('SELECT units FROM account WHERE id = 1'),
        tx.write('UPDATE account SET units = units + 1'),
        tx.read<{ units: number }>('SELECT units FROM account WHERE id = ?', [1]),
      ]),
    );
    expect(answers).to.deep.equal([[{ units: 10 }], { affectedRows: 2 }, [{ units: 11 }]]);

    const failing = database.withTransaction(work, (tx) =>
      Promise.all([
        tx.write('UPDATE account SET units = 0 WHERE id = 1'),
        tx.write('UPDATE account SET units = -1 WHERE id = 2'),
        tx.write('UPDATE account SET units = 50 WHERE id = 1'),
        tx.write('COMMIT'),
      ]),
    );
    expect(await failing.catch((error: { errno?: number }) => error.errno)).to.be.oneOf([4025, 3819]);
    expect(await units()).to.deep.equal([11, 11]);
  });

  it('sends no statement after the work has failed or ended', async () => {
    for (const givesUp of [true, false]) {
      let goOn = (): void => undefined;
      let late: Promise<unknown> = Promise.resolve();
      const done = database.withTransaction(work, async (tx) => {
        await tx.write('UPDATE account SET units = 9 WHERE id = 1');
        late = new Promise<void>((resolve) => (goOn = resolve))
          .then(() => tx.write('UPDATE account SET units = 0 WHERE id = 2'))
          .catch((error: unknown) => error);
        if (givesUp) throw new Error('changed my mind');
      });
      await done.catch(() => undefined);
      goOn();
      expect(await late, givesUp ? 'gave up' : 'ended').to.be.an('error');
    }
    expect(await units()).to.deep.equal([9, 10]);
  });

  it('commits nothing if the work ends before its statements', async () => {
    let forgotten: Promise<unknown> = Promise.resolve();
    const forgets = database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = 1 WHERE id = 1');
      forgotten = tx.write('UPDATE account SET units = 0 WHERE id = 1').catch((error: unknown) => error);
    });
    expect(await forgets.catch((error: Error) => error.message)).to.contain('ended before its statements');
    await forgotten;
    expect(await units()).to.deep.equal([10, 10]);
  });

  it('sends no statement after one that failed', async () => {
    let wentOn = false;
    const careless = database.withTransaction(work, async (tx) => {
      await tx.write('UPDATE account SET units = -1 WHERE id = 1').catch(() => undefined);
      await tx.write('UPDATE account SET units = 0 WHERE id = 2');
      wentOn = true;
    });
    const error = await careless.catch((caught: { errno?: number }) => caught);
    expect(error).to.have.property('errno').that.is.oneOf([4025, 3819]);
    expect(wentOn, 'the second statement was sent').to.equal(false);
    expect(await units()).to.deep.equal([10, 10]);
  });

  it('retries as a whole after a lock wait timeout, which rolls back only one statement', async () => {
    const holder = await neighbour();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT units FROM account WHERE id = 2 FOR UPDATE');
    let runs = 0;
    const result = database.withTransaction(work, async (tx) => {
      runs += 1;
      await tx.write('UPDATE account SET units = units - 1 WHERE id = 1');
      await tx.write('UPDATE account SET units = units - 1 WHERE id = 2');
    });
    await until('a second run', () => runs === 2);
    await holder.query('COMMIT');
    await result;
    expect(await units()).to.deep.equal([9, 9]);
  });

  it('gives up with busy_retry when a lock outlasts the budget of 5 s', async () => {
    const holder = await neighbour();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT units FROM account WHERE id = 2 FOR UPDATE');
    const startMs = performance.now();
    const error = await database
      .withTransaction(work, (tx) => tx.write('UPDATE account SET units = 0 WHERE id = 2'))
      .catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(OperationalError).and.to.have.property('code', 'busy_retry');
    expect(performance.now() - startMs).to.be.within(4000, onThisMachine(7000));
    expect(await units()).to.deep.equal([10, 10]);
  });

  it('survives deadlocks: opposite transfers all succeed', async () => {
    const transfer = (from: number, to: number) =>
      database.withTransaction(work, async (tx) => {
        await tx.write('UPDATE account SET units = units - 1 WHERE id = ?', [from]);
        await tx.write('UPDATE account SET units = units + 1 WHERE id = ?', [to]);
      });
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? transfer(1, 2) : transfer(2, 1))),
    );
    expect(await units()).to.deep.equal([10, 10]);
  });

  it('reports a deadlock once, and retries the transaction that lost', async () => {
    const { port } = await openBarrier(2);
    const swap = async (first: number, second: number) => {
      let attempts = 0;
      await database.withTransaction(work, async (tx) => {
        attempts += 1;
        await tx.write('UPDATE account SET units = units + 1 WHERE id = ?', [first]);
        if (attempts === 1) await arriveAt(port);
        await tx.write('UPDATE account SET units = units + 1 WHERE id = ?', [second]);
      });
      return attempts;
    };
    const attempts = await Promise.all([swap(1, 2), swap(2, 1)]);
    expect(attempts.toSorted((a, b) => a - b)).to.deep.equal([1, 2]);
    expect(conflicts).to.deep.equal(['deadlock']);
    expect(await units()).to.deep.equal([12, 12]);
  });

  it('reports each lock wait timeout', async () => {
    const holder = await neighbour();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT units FROM account FOR UPDATE');
    const writing = database.withTransaction(work, (tx) => tx.write('UPDATE account SET units = 0'));
    await until('the lock wait ran out', () => conflicts.length > 0);
    await holder.query('ROLLBACK');
    await writing;
    expect(new Set(conflicts)).to.deep.equal(new Set(['timeout']));
    expect(await units()).to.deep.equal([0, 0]);
  });

  it('reopens connections that the server has closed', async () => {
    await database.withTransaction(work, (tx) => tx.write('UPDATE account SET units = 9 WHERE id = 1'));
    const admin = await neighbour();
    const [rows] = await admin.query(
      'SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()',
      [witness.name],
    );
    const own = await witness.value('SELECT CONNECTION_ID()');
    for (const { id } of rows as { id: number }[]) {
      if (id !== own) await admin.query(`KILL ${id}`).catch(() => undefined);
    }
    await database.withTransaction(work, (tx) => tx.write('UPDATE account SET units = 8 WHERE id = 1'));
    expect(await database.read('SELECT units FROM account WHERE id = 1')).to.deep.equal([{ units: 8 }]);
  });

  it('opens another connection if the server ends a new one before its first use', async () => {
    const proxy = await openFaultProxy(witness.url);
    const app = openAppDatabase(proxy.through(witness.url));
    onCleanup(() => app.close());
    // The first two packets log in; the third sets up the session.
    const packets = new Map<number, number>();
    proxy.watchClient((_bytes, link) => {
      packets.set(link, (packets.get(link) ?? 0) + 1);
      return link === 1 && packets.get(link) === 3 ? 'cut' : 'forward';
    });
    expect(await app.read('SELECT units FROM account WHERE id = 1')).to.deep.equal([{ units: 10 }]);
    expect([...packets.keys()]).to.deep.equal([1, 2]);
  });

  it('releases the rows of a stopped process within 6 s', async () => {
    // The session settings of the app's own connections; they also apply to a connection that goes silent.
    const [settings] = await database.read<{ wait_timeout: number; lock_wait: number; isolation: string }>(
      `SELECT @@session.wait_timeout AS wait_timeout, @@session.innodb_lock_wait_timeout AS lock_wait`,
    );
    expect(settings).to.deep.equal({ wait_timeout: 5, lock_wait: 1 });
  });

  it('rejects callers quickly and without a retry if no connection becomes free', async () => {
    const holder = await neighbour();
    await holder.query('START TRANSACTION');
    await holder.query('SELECT units FROM account FOR UPDATE');
    const startMs = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: 600 }, async () => {
        const outcome = await database
          .withTransaction(work, (tx) => tx.write('UPDATE account SET units = 0 WHERE id = 1'))
          .then(
            () => 'done',
            (error: unknown) => (error instanceof OperationalError ? error.code : String(error)),
          );
        return { outcome, durationMs: performance.now() - startMs };
      }),
    );
    expect(new Set(outcomes.map(({ outcome }) => outcome))).to.deep.equal(new Set(['busy_retry']));
    // Four transactions hold a connection. Of the others, 500 wait for a second, and the rest do not fit into
    // the queue.
    const slow = outcomes.filter(({ durationMs }) => durationMs > 2500);
    expect(slow.length).to.be.at.most(4 * 2);
    await holder.query('COMMIT');
    await database.withTransaction(work, (tx) => tx.write('UPDATE account SET units = 7 WHERE id = 1'));
  });

  it('survives a server that stops responding right after the log-in', async () => {
    const proxy = await openFaultProxy(witness.url);
    const behind = openAppDatabase(proxy.through(witness.url), { connectionsMax: 2 });
    proxy.watchClient((bytes) => (bytes.includes('SET SESSION') ? 'freeze' : 'forward'));
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'done',
        (error: unknown) => (error instanceof OperationalError ? error.code : String(error)),
      );
    const startMs = performance.now();
    const attempts = await Promise.all([
      codeOf(behind.read('SELECT 1')),
      codeOf(behind.withTransaction(work, (tx) => tx.read('SELECT 1'))),
    ]);
    expect(attempts).to.deep.equal(['dependency_unavailable', 'dependency_unavailable']);
    expect(performance.now() - startMs).to.be.lessThan(onThisMachine(8000));
    proxy.watchClient(undefined);
    for (let round = 0; round < 4; round += 1) expect(await codeOf(behind.read('SELECT 1'))).to.equal('done');
    await behind.close();
  });
});
