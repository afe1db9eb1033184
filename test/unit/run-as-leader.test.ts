import { expect } from 'chai';
import type { Log } from '../../app/platform/observe/log.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';
import type { LockedOutcome, RedisLockOptions, RedisLocks } from '../../app/platform/redis/redis-lock.ts';
import { runAsLeader } from '../../app/platform/redis/run-as-leader.ts';
import { until } from '../support/until.ts';

describe('runAsLeader', () => {
  const logged: { level: string; event: string; fields: unknown }[] = [];
  const log = Object.fromEntries(
    ['info', 'warn', 'error'].map((level) => [
      level,
      (event: string, fields: unknown) => logged.push({ level, event, fields }),
    ]),
  ) as unknown as Log;
  const leader = { name: 'sweep', ttlMs: 1000 };
  /** Grants the lock as `mayRun` says, and tells the work that the lock is lost when `lost` aborts. */
  const locksOf = (mayRun: () => boolean, lost = new AbortController().signal) => {
    const asked: RedisLockOptions[] = [];
    const locks: RedisLocks = {
      async tryRun<T>(options: RedisLockOptions, work: (lost: AbortSignal) => Promise<T>) {
        asked.push(options);
        const outcome: LockedOutcome<T> = mayRun()
          ? { ran: true, value: await work(lost) }
          : { ran: false, because: 'held' };
        return outcome;
      },
    };
    return { asked, locks };
  };
  const start = (locks: RedisLocks, work: (signal: AbortSignal) => Promise<void>) => {
    const controller = new AbortController();
    const finished = runAsLeader(
      { locks, everyMs: 1, random: () => 0, log },
      leader,
      work,
      controller.signal,
    );
    return async () => {
      controller.abort();
      await finished;
    };
  };
  beforeEach(() => logged.splice(0));

  it('tries to acquire the lock repeatedly without waiting, and stops with its signal', async () => {
    const { asked, locks } = locksOf(() => false);
    let done = 0;
    const stop = start(locks, async () => void (done += 1));
    await until('the lock was requested three times', async () => asked.length >= 3);
    await stop();
    expect(done).to.equal(0);
    expect(asked[0]).to.deep.equal({ name: 'sweep', ttlMs: 1000, waitMaxMs: 0 });
  });

  it('runs the work without the lock while Redis is unavailable', async () => {
    let isThere = false;
    let done = 0;
    const locks: RedisLocks = {
      tryRun: async () => ({ ran: false, because: isThere ? 'held' : 'unavailable' }),
    };
    const stop = start(locks, async (signal) => {
      expect(signal.aborted).to.equal(false);
      done += 1;
      isThere = done === 3;
    });
    await until('the work has run until another process holds the lock', async () => isThere);
    await stop();
    expect(done).to.equal(3);
  });

  it('continues after a failure and after a crash, and logs which it was', async () => {
    const errors: Error[] = [new OperationalError('dependency_unavailable', 'gone'), new TypeError('a bug')];
    let runs = 0;
    const stop = start(locksOf(() => true).locks, async () => {
      runs += 1;
      const error = errors[runs - 1];
      if (error !== undefined) throw error;
    });
    await until('a run after both', async () => runs > errors.length);
    await stop();
    expect(logged.map(({ level, event }) => [level, event])).to.deep.equal([
      ['warn', 'background_work_failed'],
      ['error', 'background_work_crashed'],
    ]);
  });

  for (const reason of ['the lock is lost', 'the process is told to stop'] as const) {
    it(`aborts the work when ${reason}`, async () => {
      const lost = new AbortController();
      let seen: AbortSignal | undefined;
      const stop = start(locksOf(() => seen === undefined, lost.signal).locks, async (signal) => {
        seen = signal;
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      });
      await until('the work has begun', async () => seen !== undefined);
      expect(seen?.aborted).to.equal(false);
      if (reason === 'the lock is lost') lost.abort();
      await stop();
      expect(seen?.aborted).to.equal(true);
    });
  }
});
