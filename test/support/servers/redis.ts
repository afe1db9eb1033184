import { randomInt } from 'node:crypto';
import { Redis } from 'ioredis';
import { onCleanup } from '../cleanup.ts';
import { testEnvironment } from '../environment.ts';

export interface TestRedis {
  /**
   * Value for REDIS_STATE_URL and REDIS_CACHE_URL: a logical database that no other test uses at the same
   * time.
   */
  readonly url: string;
  readonly client: Redis;
  /** Empties this logical database. Never use FLUSHALL: other tests share the server. */
  flush(): Promise<void>;
  release(): Promise<void>;
}

/** Key in database 0, which is never handed out. */
const TAKEN = 'rowlock-test:taken-databases';
const TRIES_MAX = 200;

/**
 * One of the server's logical databases, claimed for one test file. A prefix would not do: the tests also
 * cover the app's own key names.
 */
export async function createTestRedis(): Promise<TestRedis> {
  const { redisUrl } = testEnvironment();
  const register = new Redis(redisUrl, { db: 0, commandTimeout: 60_000 });
  const index = await claimDatabase(register);
  const url = new URL(redisUrl);
  url.pathname = `/${index}`;
  const client = new Redis(url.href, { commandTimeout: 60_000 });
  await client.flushdb();

  let released: Promise<void> | undefined;
  const release = async () => {
    await client.flushdb();
    await register.srem(TAKEN, index);
    client.disconnect();
    register.disconnect();
  };
  const redis: TestRedis = {
    url: url.href,
    client,
    flush: async () => {
      await client.flushdb();
    },
    release: () => (released ??= release()),
  };
  onCleanup(() => redis.release());
  return redis;
}

async function claimDatabase(register: Redis): Promise<number> {
  const [, configured] = (await register.config('GET', 'databases')) as [string, string];
  const databases = Number(configured);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const index = randomInt(1, databases);
    if ((await register.sadd(TAKEN, index)) === 1) return index;
  }
  throw new Error(`no logical database of Redis is free (${databases} in all)`);
}
