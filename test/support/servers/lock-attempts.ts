import type { Redis } from 'ioredis';

/** Number of SET commands that the server has received; each is an attempt to lock. */
export async function lockAttempts(client: Redis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/cmdstat_set:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
