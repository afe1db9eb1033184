import { expect } from 'chai';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createRedisLocks, type RedisLocks } from '../../../app/platform/redis/redis-lock.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { until } from '../../support/until.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });
const once = { name: 'work', ttlMs: 3000, waitMaxMs: 0 };
const short = { ...once, ttlMs: 300 };

describe('a lock in Redis', () => {
  let redis: OwnRedis;
  beforeEach(async () => {
    redis = await startOwnRedis();
  });

  /** Creates the locks of one process, over a separate connection. */
  const locksOfOneProcess = async (): Promise<RedisLocks> => {
    const store = openRedis({ url: redis.url, role: 'state', log });
    onCleanup(() => store.close());
    await store.ready(5000);
    return createRedisLocks({ store, log });
  };

  /** Work that runs until the test ends it. */
  function openWork() {
    const { promise, resolve } = Promise.withResolvers<string>();
    let signal: AbortSignal | undefined;
    return {
      work: (lost: AbortSignal) => {
        signal = lost;
        return promise;
      },
      end: () => resolve('done'),
      started: () => until('the work has started', () => signal),
    };
  }

  it("lets one process work at a time, rejects others at once, and returns the work's result", async () => {
    const [first, second] = await Promise.all([locksOfOneProcess(), locksOfOneProcess()]);
    const open = openWork();
    const running = first.tryRun(once, open.work);
    await open.started();
    expect(await second.tryRun(once, async () => 'never')).to.deep.equal({ ran: false, because: 'held' });
    const elsewhere = { ...once, name: 'other work' };
    expect(await second.tryRun(elsewhere, async () => 7)).to.deep.equal({ ran: true, value: 7 });
    open.end();
    expect(await running).to.deep.equal({ ran: true, value: 'done' });
    expect(await second.tryRun(once, async () => 'next')).to.deep.equal({ ran: true, value: 'next' });
  });

  it('is awaited for the given time, and released when the work fails', async () => {
    const [first, second] = await Promise.all([locksOfOneProcess(), locksOfOneProcess()]);
    const open = openWork();
    const running = first.tryRun(once, async (lost) => {
      await open.work(lost);
      throw new Error('the work failed');
    });
    await open.started();
    const patient = second.tryRun({ ...once, waitMaxMs: 5000 }, async () => 'after it');
    open.end();
    expect(await running.catch(String)).to.equal('Error: the work failed');
    expect(await patient).to.deep.equal({ ran: true, value: 'after it' });
  });

  it('is extended beyond its time to live while its holder lives', async () => {
    const [first, second] = await Promise.all([locksOfOneProcess(), locksOfOneProcess()]);
    const open = openWork();
    const running = first.tryRun(short, open.work);
    const lost = await open.started();
    const waited = await second.tryRun({ ...short, waitMaxMs: 3 * short.ttlMs }, async () => 'never');
    expect(waited).to.deep.equal({ ran: false, because: 'held' });
    expect(lost.aborted).to.equal(false);
    open.end();
    expect(await running).to.include({ ran: true });
  });

  const losses: readonly { title: string; lose: () => unknown }[] = [
    { title: 'Redis was flushed', lose: () => redis.client.flushall() },
    { title: 'Redis does not answer', lose: () => redis.freeze() },
    { title: 'Redis is gone', lose: () => redis.stop() },
    { title: 'Redis has become read-only', lose: () => redis.makeReadOnly() },
  ];
  for (const { title, lose } of losses) {
    it(`signals its loss to the holder when ${title}, without an unhandled error`, async () => {
      const locks = await locksOfOneProcess();
      const open = openWork();
      const running = locks.tryRun(short, open.work);
      const lost = await open.started();
      await lose();
      await until('the holder learns of the loss', () => lost.aborted);
      open.end();
      expect(await running).to.deep.equal({ ran: true, value: 'done' });
    });
  }

  it('is reported unavailable quickly while Redis does not respond', async () => {
    const locks = await locksOfOneProcess();
    redis.freeze();
    const startMs = performance.now();
    const outcome = await locks.tryRun({ ...once, waitMaxMs: 5000 }, async () => 'never');
    expect(outcome).to.deep.equal({ ran: false, because: 'unavailable' });
    expect(performance.now() - startMs).to.be.lessThan(onThisMachine(2000));
  });

  it('passes to another process when its holder stalls too long, and the holder notices', async () => {
    const [first, second] = await Promise.all([locksOfOneProcess(), locksOfOneProcess()]);
    const open = openWork();
    const running = first.tryRun(short, open.work);
    const lost = await open.started();
    // Expire the lock, as Redis does while the holder's blocked event loop does not refresh it.
    await redis.client.pexpire('mutex:work', 1);
    const outcome = await second.tryRun({ ...once, waitMaxMs: 2000 }, async () => {
      await until('the first holder learns of the loss', () => lost.aborted);
      return 'second';
    });
    expect(outcome).to.deep.equal({ ran: true, value: 'second' });
    open.end();
    await running;
  });
});
