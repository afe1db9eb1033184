export type ServerEngine = 'MariaDB' | 'MySQL' | 'Redis' | 'Valkey';

/**
 * Oldest versions that can run the shop. MariaDB 10.6 introduced SKIP LOCKED, MySQL 8.0.16 enforces CHECK
 * constraints. The tests run on MariaDB 10.11 and MySQL 9.7; oldest-redis.test.ts runs on Redis 6.0.
 */
const OLDEST: Readonly<Record<ServerEngine, readonly number[]>> = {
  MariaDB: [10, 6],
  MySQL: [8, 0, 16],
  Redis: [6, 0],
  Valkey: [7, 2],
};

/** Fields of INFO that matter here. Any may be missing: managed servers hide some, ACLs hide all. */
export interface RedisInfo {
  readonly redis_version?: string;
  readonly maxmemory?: string;
  readonly maxmemory_policy?: string;
}

/**
 * Says why this version cannot run the shop, without a full stop. Undefined when it can. `version` is like
 * `1.2.3`.
 */
export function versionProblem(engine: ServerEngine, version: string): string | undefined {
  const wanted = OLDEST[engine];
  return isOlder(version, wanted)
    ? `${engine} ${version} is too old: the shop needs ${wanted.join('.')} or later`
    : undefined;
}

/**
 * Checks the output of `SELECT VERSION()`, as `versionProblem` does. Undefined for a version that cannot be
 * parsed.
 */
export function databaseProblem(version: string): string | undefined {
  const numbers = /^\d+\.\d+\.\d+/.exec(version)?.[0];
  if (numbers === undefined) return undefined;
  return versionProblem(version.includes('MariaDB') ? 'MariaDB' : 'MySQL', numbers);
}

/**
 * Checks a Redis server, or a Valkey server, whose INFO reports Redis 7.2. A server of the role `state` must
 * not evict keys: with a memory limit its policy must be noeviction. INFO, because ElastiCache forbids CONFIG
 * GET.
 */
export function redisProblem(info: RedisInfo, role: 'state' | 'cache'): string | undefined {
  const { redis_version: version = '', maxmemory = '0', maxmemory_policy: policy = 'noeviction' } = info;
  const problems = [
    /^\d+\.\d+/.test(version) ? versionProblem('Redis', version) : undefined,
    role === 'state' && Number(maxmemory) > 0 && policy !== 'noeviction'
      ? `its maxmemory-policy is ${policy}: sessions, carts and locks need noeviction`
      : undefined,
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** Parses the reply to INFO. */
export function parseRedisInfo(info: string): RedisInfo {
  return Object.fromEntries([...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name, value]));
}

function isOlder(version: string, minimum: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
