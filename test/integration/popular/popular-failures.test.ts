import { expect } from 'chai';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createRedisLocks } from '../../../app/platform/redis/redis-lock.ts';
import { type PopularCopy, createPopularProducts } from '../../../app/popular/popular-products.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { holdStatistics } from '../../support/servers/hold-statistics.ts';
import { lockAttempts } from '../../support/servers/lock-attempts.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { statisticsQueries } from '../../support/servers/statistics-queries.ts';
import { until } from '../../support/until.ts';

const MINUTE_MS = 60_000;
/** A Redis command has 500 ms, a statement 3 s; with a stale list, no request waits for either. */
const STALE_WITHIN_MS = 600;
const WITHOUT_REDIS_WITHIN_MS = 2500;
const log = createLog({ level: 'error', role: 'test', stage: 'test' });

/** One process's view of the list. */
interface Process {
  readonly popular: () => Promise<PopularCopy>;
  /** Moves this process's clock; the clock of Redis does not move. */
  wait(durationMs: number): void;
}

describe('the popular list when something fails', () => {
  let database: TestDatabase;
  let redis: OwnRedis;
  let mysqlProxy: FaultProxy;
  let redisProxy: FaultProxy;
  let queries: { readonly count: number };
  before(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    redis = await startOwnRedis();
    [mysqlProxy, redisProxy] = await Promise.all([openFaultProxy(database.url), openFaultProxy(redis.url)]);
    queries = statisticsQueries(mysqlProxy);
  });

  const openProcess = async (): Promise<Process> => {
    let aheadMs = 0;
    const nowMs = () => Date.now() + aheadMs;
    const store = openRedis({ url: redisProxy.through(redis.url), role: 'cache', log });
    const own = openDatabase({
      writerUrl: mysqlProxy.through(database.url),
      connectionsMax: 4,
      random: Math.random,
      nowMs,
      log,
    });
    onCleanup(() => Promise.all([store.close(), own.close()]).then(() => undefined));
    await store.ready(5000);
    return {
      popular: createPopularProducts({
        database: own,
        cache: store,
        locks: createRedisLocks({ store, log }),
        nowMs,
        log,
      }),
      wait: (durationMs) => {
        aheadMs += durationMs;
      },
    };
  };
  const bothProcesses = () => Promise.all([openProcess(), openProcess()]);
  const aThousand = async (processes: readonly Process[]): Promise<PopularCopy[]> =>
    Promise.all(Array.from({ length: 1000 }, (_, index) => processes[index % processes.length]!.popular()));
  const timed = async <T>(work: () => Promise<T>) => {
    const startMs = performance.now();
    const value = await work();
    return { value, durationMs: performance.now() - startMs };
  };
  /** Deletes the list, as Redis does when the minute is over. */
  const expire = () => redis.client.del('popular:v1');

  const failures: readonly { readonly title: string; readonly fail: () => Promise<unknown> }[] = [
    { title: 'is gone', fail: () => redis.stop() },
    { title: 'refuses connections', fail: () => redisProxy.refuse() },
    { title: 'does not answer', fail: () => redisProxy.blackhole() },
    { title: 'answers too late', fail: () => redisProxy.slow(700) },
    { title: 'has become read-only', fail: () => redis.makeReadOnly() },
    { title: 'has too few replicas to accept writes', fail: () => refuseWrites() },
  ];
  const refuseWrites = async () => {
    await redis.client.config('SET', 'min-replicas-to-write', '1');
  };
  for (const { title, fail } of failures) {
    it(`queries MySQL once per process and minute while Redis ${title}`, async () => {
      const processes = await bothProcesses();
      await fail();
      for (let minute = 1; minute <= 2; minute += 1) {
        const { durationMs } = await timed(() => aThousand(processes));
        expect(durationMs).to.be.lessThan(onThisMachine(WITHOUT_REDIS_WITHIN_MS));
        await until('both processes have queried MySQL', () => queries.count === 2 * minute);
        // The list that was late at first has arrived by now.
        await until('both answer the new one', async () => {
          const copies = await aThousand(processes);
          return copies.every(({ untilMs }) => untilMs > Date.now() + minute * MINUTE_MS - 5000);
        });
        expect(queries.count).to.equal(2 * minute);
        for (const process of processes) process.wait(MINUTE_MS);
      }
    });
  }

  it('is stale but served, and built once, while Redis is slow', async () => {
    const processes = await bothProcesses();
    await redisProxy.slow(100);
    await aThousand(processes);
    expect(queries.count).to.equal(1);
  });

  it('is built once by all processes together after a Redis flush', async () => {
    const processes = await bothProcesses();
    await aThousand(processes);
    expect(queries.count).to.equal(1);
    await redis.client.flushall();
    await aThousand(processes);
    expect(queries.count, 'from memory').to.equal(1);
    for (const process of processes) process.wait(MINUTE_MS);
    await aThousand(processes);
    expect(queries.count).to.equal(2);
  });

  it('is built by one process while the others, even new ones, serve the stale one', async () => {
    const [holder, other] = await bothProcesses();
    const old = await other.popular();
    await holder.popular();
    await expire();
    for (const process of [holder, other]) process.wait(MINUTE_MS);
    const hold = await holdStatistics(database);
    const made = holder.popular();
    await until('MySQL is queried', () => queries.count === 2);
    const newcomer = await openProcess();
    for (const process of [other, newcomer]) {
      const { value, durationMs } = await timed(process.popular);
      expect(value.list).to.deep.equal(old.list);
      expect(durationMs).to.be.lessThan(onThisMachine(STALE_WITHIN_MS));
    }
    // The holder's requests do not wait for long either.
    expect((await made).list).to.deep.equal(old.list);
    await hold.release();
    for (const process of [holder, other, newcomer]) {
      await until(
        'the new one',
        async () => (await process.popular()).list.generatedAt !== old.list.generatedAt,
      );
    }
    expect(queries.count).to.equal(2);
  });

  it('is awaited by a process that has none', async () => {
    const [holder, other] = await bothProcesses();
    const hold = await holdStatistics(database);
    const made = holder.popular();
    await until('MySQL is queried', () => queries.count === 1);
    const waiting = other.popular();
    await until(
      'the other one has asked for the lock as well',
      async () => (await lockAttempts(redis.client)) > 1,
    );
    await hold.release();
    expect((await waiting).list).to.deep.equal((await made).list);
    expect(queries.count).to.equal(1);
  });

  it('is built by another process if the builder dies', async () => {
    const other = await openProcess();
    // The lock as left by a process that was killed while it held it.
    await redis.client.set('mutex:popular', 'nobody', 'PX', 600);
    const { durationMs } = await timed(other.popular);
    expect(durationMs).to.be.greaterThan(400);
    expect(queries.count).to.equal(1);
  });

  it('is not awaited longer if Redis is slow as well', async () => {
    const other = await openProcess();
    await redis.client.set('mutex:popular', 'nobody', 'PX', 20_000);
    await redisProxy.slow(300);
    const { durationMs } = await timed(other.popular);
    // A request's deadline is 8 s.
    expect(durationMs).to.be.within(2000, onThisMachine(6000));
    expect(queries.count).to.equal(1);
  });

  for (const fault of ['refuse', 'blackhole'] as const) {
    it(`is stale for ten minutes while MySQL is unavailable (${fault}), then missing`, async function () {
      const process = await openProcess();
      const { list } = await process.popular();
      await expire();
      await mysqlProxy[fault]();
      const newcomer = await openProcess();
      for (const [minutes, each] of [
        [5, process],
        [4.5, process],
        [0, newcomer],
      ] as const) {
        each.wait(minutes * MINUTE_MS);
        const { value, durationMs } = await timed(each.popular);
        expect(value.list).to.deep.equal(list);
        expect(durationMs).to.be.lessThan(onThisMachine(STALE_WITHIN_MS));
      }
      process.wait(MINUTE_MS);
      await redis.client.del('popular:v1:last');
      const failed = await process.popular().catch((error: unknown) => error);
      expect(failed).to.include({ name: 'OperationalError', code: 'dependency_unavailable' });

      await mysqlProxy.pass();
      const fresh = await until('a new list', () => process.popular().catch(() => undefined));
      expect(fresh.list.generatedAt).not.to.equal(list.generatedAt);
    });
  }

  it('is rebuilt when the value in Redis is unreadable', async () => {
    for (const value of ['{', 'null', '{"data":1}']) {
      for (const key of ['popular:v1', 'popular:v1:last']) await redis.client.set(key, value, 'EX', 60);
      const process = await openProcess();
      expect((await process.popular()).list.data).to.deep.equal([]);
      expect(JSON.parse((await redis.client.get('popular:v1')) ?? '{')).to.have.property('generatedAt');
    }
  });
});
