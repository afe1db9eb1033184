import { hash } from 'node:crypto';
import { expect } from 'chai';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createSharedCounts } from '../../../app/platform/redis/shared-counts.ts';
import { CACHE_KEY_BYTES_MAX } from '../../../lib/settings/check-settings.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestRedis, type TestRedis } from '../../support/servers/redis.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });
const MINUTE_MS = 60_000;

describe('shared counters in a cache that shares its node', () => {
  let redis: TestRedis;
  before(async () => {
    redis = await createTestRedis();
  });
  beforeEach(() => redis.flush());

  const countsUpTo = async (keysMax: number | undefined) => {
    const store = openRedis({ url: redis.url, role: 'cache', log });
    onCleanup(() => store.close());
    await store.ready(5000);
    return createSharedCounts({ redis: store, nowMs: Date.now, log, keysMax });
  };

  it('never exceed the cap, however many clients arrive, and existing ones keep counting', async () => {
    const counts = await countsUpTo(100);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, party) => counts.add(`rate:test:${party}`, 1, MINUTE_MS)),
    );
    expect(answers.filter((answer) => answer !== undefined)).to.have.lengthOf(100);
    expect(await redis.client.dbsize()).to.equal(100);
    expect(await counts.add('rate:test:0', 1, MINUTE_MS)).to.include({ count: 2 });
    expect(await counts.add('rate:test:new', 1, MINUTE_MS)).to.equal(undefined);
    expect(await counts.add('rate:test:new', -1, MINUTE_MS)).to.include({ count: 0 });
    await counts.remove('rate:test:0');
    expect(await counts.add('rate:test:new', 1, MINUTE_MS)).to.include({ count: 1 });
  });

  it('are unlimited without a cap', async () => {
    const counts = await countsUpTo(undefined);
    for (const party of ['a', 'b', 'c']) {
      expect(await counts.add(`rate:test:${party}`, 1, MINUTE_MS)).to.include({ count: 1 });
    }
  });

  it('use less memory each than the stage settings assume for the largest', async () => {
    const counts = await countsUpTo(undefined);
    const keys = 20_000;
    const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await redis.client.info('memory'))?.[1]);
    const before = await usedBytes();
    for (let from = 0; from < keys; from += 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, index) => {
          const account = hash('sha256', `${from + index}`, 'base64url');
          // This key is as long as the longest key of the log-in throttle.
          return counts.add(`rate:login-pair:${account}:2001:db8:1234:5678::/64`, 1, MINUTE_MS);
        }),
      );
    }
    expect(await redis.client.dbsize()).to.equal(keys);
    const bytesEach = ((await usedBytes()) - before) / keys;
    expect(bytesEach).to.be.within(50, CACHE_KEY_BYTES_MAX);
  });
});
