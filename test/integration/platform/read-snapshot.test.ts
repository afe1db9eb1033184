import { expect } from 'chai';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { OperationalError } from '../../../app/platform/operational-error.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { until } from '../../support/until.ts';

const signal = new AbortController().signal;
const count = 'SELECT COUNT(*) AS n FROM audit_marks';
const insert =
  "INSERT INTO audit_marks (kind, id, seq, value) VALUES ('STOCK', UNHEX(REPLACE(UUID(), '-', '')), 1, 1)";

/** Timers that keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('readSnapshot', () => {
  let witness: TestDatabase;
  let database: Database;
  const open = () => openAppDatabase(witness.url, { connectionsMax: 1 });
  before(async () => {
    witness = await createTestDatabase();
    database = open();
  });
  after(() => database.close());
  beforeEach(() => witness.clear());

  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('sees what was committed when it began, and blocks no writer', async () => {
    await witness.write(insert);
    const seen = await database.readSnapshot({ signal }, async (read) => {
      const before = await read<{ n: number }>(count);
      // The only connection for transactions and the only connection for reads are free.
      await database.withTransaction({ name: 'test', rerunnable: false }, (tx) => tx.write(insert));
      expect(await database.read(count)).to.deep.equal([{ n: 2 }]);
      return [...before, ...(await read<{ n: number }>(count))];
    });
    expect(seen).to.deep.equal([{ n: 1 }, { n: 1 }]);
    expect(await database.readSnapshot({ signal }, (read) => read(count))).to.deep.equal([{ n: 2 }]);
  });

  it('cannot write', async () => {
    const error = await reasonOf(database.readSnapshot({ signal }, (read) => read(insert)));
    expect(error).to.be.instanceOf(OperationalError);
    expect(await witness.value(count)).to.equal(0);
  });

  it('allows one per process: the second is told to retry', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = database.readSnapshot({ signal }, () => promise);
    const second = await reasonOf(database.readSnapshot({ signal }, async () => {}));
    expect(second).to.include({ code: 'busy_retry' });
    resolve();
    await first;
    await database.readSnapshot({ signal }, async () => {});
  });

  it('allows one per name across processes, and frees the name after a failure', async () => {
    const other = open();
    onCleanup(() => other.close());
    const named = { signal, onlyOneNamed: '.test' };
    await database.readSnapshot(named, async () => {
      expect(await reasonOf(other.readSnapshot(named, async () => {}))).to.include({ code: 'busy_retry' });
      await other.readSnapshot({ signal, onlyOneNamed: '.another' }, async () => {});
    });
    await other.readSnapshot(named, async () => {});
    const failure = new Error('no');
    expect(await reasonOf(database.readSnapshot(named, () => Promise.reject(failure)))).to.equal(failure);
    // The server frees the name once it has seen that the connection is closed.
    await until('the name is free', async () => {
      await other.readSnapshot(named, async () => {});
      return true;
    });
  });

  it('ends at once when its signal aborts, in the middle of a statement', async () => {
    await database.readSnapshot({ signal }, async () => {});
    const timersBefore = timers();
    const controller = new AbortController();
    const startMs = performance.now();
    const work = database.readSnapshot({ signal: controller.signal }, (read) => {
      setTimeout(() => controller.abort(new Error('enough')), 50);
      return read('SELECT SLEEP(5)');
    });
    expect(await reasonOf(work))
      .to.be.an('error')
      .with.property('message', 'enough');
    expect(performance.now() - startMs).to.be.lessThan(onThisMachine(1000));
    // The statement's own limit of 25 s would keep a process alive after it has closed everything.
    expect(timers()).to.equal(timersBefore);
    await database.readSnapshot({ signal }, async () => {});
  });

  it('leaves no timer behind after a lost connection', async () => {
    await database.readSnapshot({ signal }, async () => {});
    const timersBefore = timers();
    const work = database.readSnapshot({ signal }, async (read) => {
      const [row] = await read<{ id: number }>('SELECT CONNECTION_ID() AS id');
      const lost = reasonOf(read('SELECT SLEEP(5)'));
      await witness.write(`KILL ${row?.id}`);
      throw await lost;
    });
    expect(await reasonOf(work)).to.include({ code: 'dependency_unavailable' });
    expect(timers()).to.equal(timersBefore);
  });
});
