import type { Redis } from 'ioredis';

/** How many times a SET has come to the server, which is how a lock is asked for. */
export async function lockAttempts(client: Redis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/cmdstat_set:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
