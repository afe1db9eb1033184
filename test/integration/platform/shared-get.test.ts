import { expect } from 'chai';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createSharedGet } from '../../../app/platform/redis/shared-get.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';

const log = createLog({ level: 'error', role: 'test', stage: 'test' });

describe('reads of keys that share a command', () => {
  // A server that counts the commands of this test alone.
  let redis: OwnRedis;
  before(async () => {
    redis = await startOwnRedis();
  });

  const openGet = async () => {
    const store = openRedis({ url: redis.url, role: 'state', log });
    onCleanup(() => store.close());
    await store.ready(5000);
    return { store, get: createSharedGet(store) };
  };
  const names = (count: number) => Array.from({ length: count }, (_, index) => `key:${index}`);

  it('return to each caller the value of its own key, or null', async () => {
    const { get } = await openGet();
    // More than one command holds.
    const keys = names(600);
    await redis.client.mset(...keys.flatMap((key) => [key, `value of ${key}`]));
    await redis.client.del('key:0', 'key:255', 'key:599');
    const values = await Promise.all([...keys, 'key:7'].map(get));
    const missing = new Set(['key:0', 'key:255', 'key:599']);
    expect(values).to.deep.equal(
      [...keys, 'key:7'].map((key) => (missing.has(key) ? null : `value of ${key}`)),
    );
  });

  it('are one command per tick and 256 keys', async () => {
    const { get } = await openGet();
    const commandsFor = async (work: () => Promise<unknown>) => {
      const before = await processed();
      await work();
      return (await processed()) - before;
    };
    const processed = async () =>
      Number(/cmdstat_mget:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1] ?? 0);
    expect(await commandsFor(() => Promise.all(names(256).map(get)))).to.equal(1);
    expect(await commandsFor(() => Promise.all(names(257).map(get)))).to.equal(2);
    expect(
      await commandsFor(async () => {
        await get('key:0');
        await get('key:0');
      }),
    ).to.equal(2);
  });

  it('all fail while Redis is unavailable', async () => {
    const { store, get } = await openGet();
    await store.close();
    const outcomes = await Promise.allSettled(names(3).map(get));
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'read')),
    ).to.deep.equal(['dependency_unavailable', 'dependency_unavailable', 'dependency_unavailable']);
  });
});
