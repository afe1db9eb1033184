import type { TestRedis } from './redis.ts';

/** Counts that every API process reports every two seconds, whatever is requested. */
const REPORTED = /^traffic:/;

/**
 * Every key with its value as bytes. Remaining lifetimes are omitted: a look-up extends a session. Counts of
 * traffic are omitted too.
 */
export async function redisSnapshot({ client }: TestRedis): Promise<Record<string, string>> {
  const keys = (await client.keys('*')).filter((key) => !REPORTED.test(key)).toSorted();
  const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]?.toString('base64') ?? 'gone']));
}

/**
 * Takes a snapshot. `changes()` names the keys that were added, changed or removed since then, except by
 * expiry.
 */
export async function watchRedis(redis: TestRedis): Promise<{ changes(): Promise<string[]> }> {
  const { client } = redis;
  const before = await redisSnapshot(redis);
  const keys = Object.keys(before);
  const leftMs = await Promise.all(keys.map((key) => client.pttl(key)));
  const readAtMs = performance.now();
  const hasExpired = (key: string) => {
    // -1 for a key without expiry, -2 for a key that has already expired.
    const left = leftMs[keys.indexOf(key)] ?? -1;
    return left !== -1 && performance.now() >= readAtMs + left;
  };
  return {
    async changes() {
      const after = await redisSnapshot(redis);
      const names = new Set([...keys, ...Object.keys(after)]);
      return [...names].filter(
        (key) => before[key] !== after[key] && !(after[key] === undefined && hasExpired(key)),
      );
    },
  };
}
