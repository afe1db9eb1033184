import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * A Lua script that Redis knows by its hash, so that its text travels once and not with every call. Its comment, where
 * it is written, says what KEYS, ARGV and the result are.
 */
export function createRedisScript(source: string) {
  const sha1 = createHash('sha1').update(source).digest('hex');
  return async (
    client: Redis,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> => {
    try {
      return await client.evalsha(sha1, keys.length, ...keys, ...args);
    } catch (error) {
      // A server that was restarted or has taken over has never seen it.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(source, keys.length, ...keys, ...args);
    }
  };
}
