import { expect } from 'chai';
import { checkGivenServers } from '../../../scripts/shop/check-given-servers.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { asOlderServer } from './older-server.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const POLICY = 'its maxmemory-policy is allkeys-lru: sessions, carts and locks need noeviction';

describe('unsuitable servers', () => {
  const shop = useTestShop();
  let redis: OwnRedis;
  beforeEach(async () => {
    redis = await startOwnRedis();
  });

  const evicting = async (): Promise<string> => {
    await redis.client.config('SET', 'maxmemory', '100mb');
    await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    return redis.url;
  };
  const olderRedis = async (): Promise<string> => {
    const real = /^redis_version:(\S+)/m.exec(await redis.client.info('server'))?.[1] ?? '';
    return asOlderServer(redis.url, { real, version: '5.0.1'.padEnd(real.length, '0') });
  };
  const olderDatabase = async (): Promise<{ url: string; problem: string }> => {
    const [row] = await shop.database.read<{ version: string }>('SELECT VERSION() AS version');
    const real = /^[\d.]+/.exec(row?.version ?? '')?.[0] ?? '';
    const isMariaDb = row?.version.includes('MariaDB') === true;
    const version = (isMariaDb ? '10.5.' : '5.7.').padEnd(real.length, '1');
    return {
      url: await asOlderServer(shop.env['DATABASE_URL'] as string, { real, version }),
      problem: isMariaDb
        ? `MariaDB ${version} is too old: the shop needs 10.6 or later`
        : `MySQL ${version} is too old: the shop needs 8.0.16 or later`,
    };
  };
  const complaints = (app: AppProcess) =>
    app.logs
      .filter(({ event }) => event.endsWith('_unsuitable'))
      .map(({ level, event, redis: role, problem }) => ({ level, event, role, problem }));

  describe('are reported once by the app, which continues,', () => {
    it('when Redis may evict the state', async () => {
      const url = await evicting();
      const app = await shop.start(['api'], { env: { REDIS_STATE_URL: url, REDIS_CACHE_URL: url } });
      // The cache may have this setting, so the app does not complain about it.
      expect(complaints(app)).to.deep.equal([
        { level: 'error', event: 'redis_unsuitable', role: 'state', problem: POLICY },
      ]);
      expect((await shop.client(app).get('/readyz')).status).to.equal(200);
      await shop.client(app).newCustomer();
    });

    it('when Redis is too old, and again after it was unavailable', async () => {
      const proxy = await openFaultProxy(await olderRedis());
      const url = proxy.through(redis.url);
      const app = await shop.start(['api'], { env: { REDIS_STATE_URL: url, REDIS_CACHE_URL: redis.url } });
      const first = await app.waitForLog('redis_unsuitable');
      expect(first['problem']).to.match(/^Redis 5\.0\.10* is too old: the shop needs 6\.0 or later$/);
      await proxy.refuse();
      await proxy.pass();
      const client = shop.client(app);
      await until(
        'the app is connected to Redis again',
        async () => (await client.post('/auth/signup', {})).status < 500,
      );
      expect(complaints(app)).to.have.lengthOf(1);
    });

    it('when the database is too old', async () => {
      const { url, problem } = await olderDatabase();
      const app = await shop.start(['api'], { env: { DATABASE_URL: url } });
      expect(complaints(app)).to.deep.equal([
        { level: 'error', event: 'database_unsuitable', role: undefined, problem },
      ]);
      expect((await shop.client(app).get('/readyz')).status).to.equal(200);
    });
  });

  it('are not reported if all are suitable, or if Redis forbids INFO', async () => {
    await redis.client.call('ACL', 'SETUSER', 'shop', 'on', '>secret', '~*', '+@all', '-info');
    onCleanup(() => redis.client.call('ACL', 'DELUSER', 'shop').then(() => undefined));
    const url = new URL(redis.url);
    url.username = 'shop';
    url.password = 'secret';
    const app = await shop.start(['api'], { env: { REDIS_STATE_URL: url.href, REDIS_CACHE_URL: redis.url } });
    expect(complaints(app)).to.deep.equal([]);
    await shop.client(app).newCustomer();
    await checkGivenServers({ REDIS_STATE_URL: url.href });
  });

  describe('are rejected by scripts/up in one sentence', () => {
    const refusal = (environment: Record<string, string>) =>
      checkGivenServers(environment).then(
        () => 'none',
        (error: Error) => error.message,
      );

    it('when Redis may evict the state', async () => {
      const url = await evicting();
      expect(await refusal({ REDIS_STATE_URL: url })).to.equal(
        `REDIS_STATE_URL is set and ${new URL(url).host} cannot be used: ${POLICY}.`,
      );
      expect(await refusal({ REDIS_CACHE_URL: url })).to.equal('none');
    });

    it('when Redis is too old', async () => {
      expect(await refusal({ REDIS_CACHE_URL: await olderRedis() })).to.match(
        /^REDIS_CACHE_URL is set and 127\.0\.0\.1:\d+ cannot be used: Redis 5\.\S+ is too old: the shop needs 6\.0 or later\.$/,
      );
    });

    it('when the database is too old', async () => {
      const { url, problem } = await olderDatabase();
      expect(await refusal({ DATABASE_URL: url })).to.equal(
        `DATABASE_URL is set and ${new URL(url).host} cannot be used: ${problem}.`,
      );
    });
  });
});
