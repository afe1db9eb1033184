import { expect } from 'chai';
import { createDatabaseClock } from '../../app/platform/mysql/database-clock.ts';
import { createLog } from '../../app/platform/observe/log.ts';

describe('the clock of the database', () => {
  const log = createLog({ level: 'error', role: 'test', stage: 'test' });
  let steady = 1000;
  let database = 5_000_000;
  const clockOf = () => createDatabaseClock({ steadyMs: () => steady, processMs: () => 42, log });
  const pass = (ms: number) => {
    steady += ms;
    database += ms;
  };
  /** The database reads its clock after `toMs`, and the answer takes `backMs`. */
  const answer = (toMs: number, backMs: number) => async () => {
    pass(toMs);
    const read = database;
    pass(backMs);
    return read;
  };

  it('is the clock of the process until the first sample', () => {
    expect(clockOf().nowMs()).to.equal(42);
    expect(clockOf().isDue()).to.equal(true);
  });

  it('is off by at most half a round trip', async () => {
    for (const [toMs, backMs] of [
      [0, 100],
      [100, 0],
      [50, 50],
    ] as const) {
      const clock = clockOf();
      await clock.sample(answer(toMs, backMs));
      pass(4000);
      expect(Math.abs(clock.nowMs() - database)).to.be.at.most(51);
    }
  });

  it('prefers a precise sample to an imprecise one, and accepts a precise one later', async () => {
    const clock = clockOf();
    await clock.sample(answer(1, 1));
    pass(5000);
    await clock.sample(answer(0, 2000));
    expect(Math.abs(clock.nowMs() - database)).to.be.at.most(2);
    // Wait until the old sample may have drifted as far.
    pass(60_000);
    await clock.sample(answer(2, 2));
    expect(Math.abs(clock.nowMs() - database)).to.be.at.most(2);
  });

  it('follows a database whose clock was set, or another database', async () => {
    const clock = clockOf();
    await clock.sample(answer(1, 1));
    database -= 3_600_000;
    await clock.sample(answer(0, 400));
    expect(Math.abs(clock.nowMs() - database)).to.be.at.most(201);
  });

  it('is due for a sample every five seconds, one at a time', async () => {
    const clock = clockOf();
    await clock.sample(answer(1, 1));
    expect(clock.isDue()).to.equal(false);
    pass(5000);
    expect(clock.isDue()).to.equal(true);
    const under = clock.sample(answer(1, 1));
    expect(clock.isDue()).to.equal(false);
    await under;
    pass(5000);
    await clock.sample(() => Promise.reject(new Error('gone'))).catch(() => undefined);
    expect(clock.isDue()).to.equal(true);
  });
});
