import type { RedisStore } from './redis.ts';

/** Keys per command: bounds for how long one command keeps Redis from all others. */
const KEYS_MAX = 256;

interface Wanted {
  readonly key: string;
  readonly resolve: (value: string | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Returns a GET whose calls of one event-loop tick share an MGET: a command each costs this process and Redis
 * several times as much. Resolves with null for a key without a string; throws as `redis.run` does.
 */
export function createSharedGet(redis: RedisStore): (key: string) => Promise<string | null> {
  let wanted: Wanted[] = [];
  const ask = async (): Promise<void> => {
    const asked = wanted;
    wanted = [];
    try {
      const values = await redis.run((client) => client.mget(asked.map(({ key }) => key)));
      for (const [index, { resolve }] of asked.entries()) resolve(values[index] ?? null);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      wanted.push({ key, resolve, reject });
      if (wanted.length === KEYS_MAX) void ask();
      else if (wanted.length === 1) queueMicrotask(() => wanted.length > 0 && void ask());
    });
}
