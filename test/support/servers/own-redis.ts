import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedisServer } from '../../../localstack/redis/start-redis-server.ts';
import type { ServerProgram } from '../../../localstack/programs/server-program.ts';
import { onCleanup } from '../cleanup.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';

export interface OwnRedis {
  readonly url: string;
  /** Usable while the server runs. */
  readonly client: Redis;
  /** SIGSTOP: connections stay open but get no answer. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** Makes it a replica that refuses every write, as a failover does. */
  makeReadOnly(): Promise<void>;
  makeWritable(): Promise<void>;
  /** Ends the server and deletes its data. */
  stop(): Promise<void>;
}

/** A separate Redis for one test, which may treat it as it must not treat the shared one. */
export async function startOwnRedis(program?: ServerProgram): Promise<OwnRedis> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rowlock-own-redis-'));
  onCleanup(() => rm(dataDir, { recursive: true, force: true }));
  const server = await startRedisServer({
    dataDir,
    cacheDir: shopPaths.cache,
    durable: false,
    log: () => undefined,
    ...(program === undefined ? {} : { program }),
  });
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    if (server.pid === undefined) throw new Error('a Redis in a container cannot be stopped by a signal');
    process.kill(server.pid, name);
  };
  const { url } = server;
  const client = new Redis(url, { commandTimeout: 5000 });
  client.on('error', () => undefined);
  let isFrozen = false;
  let isRunning = true;
  const own: OwnRedis = {
    url,
    client,
    freeze: () => {
      signal('SIGSTOP');
      isFrozen = true;
    },
    thaw: () => {
      signal('SIGCONT');
      isFrozen = false;
    },
    makeReadOnly: async () => {
      await client.replicaof('127.0.0.1', 1);
    },
    makeWritable: async () => {
      await client.replicaof('NO', 'ONE');
    },
    stop: async () => {
      isRunning = false;
      await server.stop();
    },
  };
  onCleanup(async () => {
    if (isFrozen) own.thaw();
    client.disconnect();
    if (isRunning) await own.stop();
  });
  return own;
}
