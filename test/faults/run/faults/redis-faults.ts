import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { until } from '../../../support/until.ts';
import { directRedis } from '../direct-redis.ts';
import type { Fault } from '../fault.ts';
import { startFaultServer } from '../fault-servers.ts';

export const redisFaults: readonly Fault[] = [
  {
    name: 'kill-redis',
    about: 'SIGKILL of Redis: the last second of sessions, carts and counters may be lost',
    touches: ['redis'],
    lastsMs: [100, 1500],
    begin: async ({ servers: { redis } }) => {
      await redis.kill();
      return { end: () => redis.start() };
    },
  },
  {
    name: 'freeze-redis',
    about: 'SIGSTOP of Redis: connections stay open and nothing responds',
    touches: ['redis'],
    lastsMs: [300, 1800],
    begin: async ({ servers: { redis } }) => {
      redis.freeze();
      return { end: async () => redis.thaw() };
    },
  },
  {
    name: 'flush-redis',
    about: 'Redis loses everything at once: sessions, carts, coupon counters, locks',
    touches: ['redis'],
    lastsMs: [10, 50],
    begin: async ({ redis }) => {
      await redis().flushall();
      return { end: async () => undefined };
    },
  },
  {
    name: 'read-only-redis',
    about: 'Redis becomes a replica, which rejects every write, as after a failover',
    touches: ['redis'],
    lastsMs: [300, 1500],
    begin: async ({ redis }) => {
      await redis().replicaof('127.0.0.1', 1);
      return {
        end: async () => {
          await redis().replicaof('NO', 'ONE');
        },
      };
    },
  },
  {
    name: 'redis-role-switch',
    about:
      'a replica becomes the primary and Redis its replica, under open connections; then the roles ' +
      'switch back',
    touches: ['redis'],
    lastsMs: [1000, 2500],
    begin: async ({ dir, links, redis, servers }) => {
      const standby = await startFaultServer('redis', mkdtempSync(join(dir, 'standby-')));
      const other = directRedis(standby);
      const portOf = ({ url }: { url: string }) => Number(new URL(url).port);
      const shows = async (client: Redis, line: string) => (await client.info('replication')).includes(line);
      // The old primary holds writes back until the other has everything, then becomes its replica. It gives
      // up if the link breaks in between; a second FAILOVER is rejected while one is in progress.
      const failOver = async (from: Redis, to: Redis, port: number) => {
        await until('the replica is in step', () => shows(to, 'master_link_status:up'));
        await until('the roles have changed', async () => {
          if (await shows(to, 'role:master')) return true;
          await from.call('FAILOVER', 'TO', '127.0.0.1', port).catch(() => undefined);
          return false;
        });
      };
      await other().replicaof('127.0.0.1', portOf(servers.redis));
      await failOver(redis(), other(), portOf(standby));
      links.retarget('redis', standby.url);
      return {
        end: async () => {
          await failOver(other(), redis(), portOf(servers.redis));
          // The standby keeps running, so that connections to it stay open.
          links.retarget('redis', servers.redis.url);
        },
      };
    },
  },
  {
    name: 'full-redis',
    about: 'the memory of Redis is full, with noeviction',
    touches: ['redis'],
    lastsMs: [300, 1500],
    begin: async ({ redis }) => {
      await redis().config('SET', 'maxmemory', '1');
      return {
        end: async () => {
          await redis().config('SET', 'maxmemory', '0');
        },
      };
    },
  },
  {
    name: 'half-open-redis-link',
    about: 'the network between one API and Redis drops everything',
    touches: ['redis', 'api-1'],
    lastsMs: [300, 2500],
    begin: async ({ links }) => {
      await links.of('api-1', 'redis').blackhole();
      return { end: () => links.of('api-1', 'redis').pass() };
    },
  },
  {
    name: 'slow-redis-link',
    about: 'every response of Redis to one API is delayed',
    touches: ['redis', 'api-2'],
    lastsMs: [500, 2000],
    begin: async ({ links }, draw) => {
      const delayMs = Math.round(20 + draw() * 400);
      await links.of('api-2', 'redis').slow(delayMs);
      return { detail: { delayMs }, end: () => links.of('api-2', 'redis').pass() };
    },
  },
];
