import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * Returns a function that runs a Lua script by its hash, so that the text is sent once per server. The
 * comment of each script describes KEYS, ARGV and the result.
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
      // A server that restarted or took over does not know the script.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(source, keys.length, ...keys, ...args);
    }
  };
}
