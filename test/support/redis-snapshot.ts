import type { TestRedis } from './redis.ts';

/** Every key with its value as bytes. How long it still lives is left out: a look-up keeps a session alive. */
export async function redisSnapshot({ client }: TestRedis): Promise<Record<string, string>> {
  const keys = (await client.keys('*')).toSorted();
  const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]?.toString('base64') ?? 'gone']));
}
