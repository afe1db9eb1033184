import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { composeService } from '../processes/compose-service.ts';
import type { Log } from '../processes/log.ts';
import type { ServerProgram } from '../programs/server-program.ts';
import { startFirst } from '../programs/start-first.ts';
import { startOnFreePort } from '../processes/start-on-free-port.ts';
import { stopLeftover } from '../processes/stop-leftover.ts';

export interface RedisServerOptions {
  /** Folder of this server: data, log and pid file. stop() keeps it. */
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly log: Log;
  /** Append-only file, flushed every second (default), or memory only. */
  readonly durable?: boolean;
  readonly preferredPort?: number | undefined;
  /** Run this program instead of searching for one. */
  readonly program?: ServerProgram;
}

export interface RedisServer {
  readonly engine: 'Redis' | 'Valkey';
  readonly version: string;
  readonly port: number;
  /** Undefined for a server in a container. */
  readonly pid: number | undefined;
  readonly origin: string;
  /** Resolves with the reason when the process ends; never for a container. */
  readonly exited: Promise<string>;
  /** No trailing slash: append a database number as in `${url}/1`. */
  readonly url: string;
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

/**
 * Starts a Redis or Valkey server like startMysqlServer, with the same order of attempts. Never evicts keys.
 */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const { program } = options;
  if (program !== undefined) return startProgram(options, program);
  return startFirst({
    kind: 'redis',
    cacheDir: options.cacheDir,
    log: options.log,
    startProgram: (found) => startProgram(options, found),
    startContainer: () => startContainer(options),
  });
}

async function startProgram(options: RedisServerOptions, program: ServerProgram): Promise<RedisServer> {
  const home = resolve(options.dataDir);
  const pidFile = join(home, 'redis.pid.json');
  const leftover = await stopLeftover(pidFile);
  if (leftover !== undefined) options.log(`stopped a leftover Redis server (pid ${leftover})`);
  await mkdir(home, { recursive: true });
  const { child, port } = await startOnFreePort({
    name: `${program.engine} ${program.version}`,
    preferredPort: options.preferredPort,
    start: (port) => spawnServer(options, program, home, pidFile, port),
    isReady: async (port, { pid }) => (await processIdOf(port)) === pid,
    timeoutMs: READY_TIMEOUT_MS,
    pollMs: POLL_MS,
  });
  return {
    engine: program.engine === 'Valkey' ? 'Valkey' : 'Redis',
    version: program.version,
    port,
    pid: child.pid,
    origin: program.origin,
    exited: child.exited,
    url: `redis://127.0.0.1:${port}`,
    logTail: () => child.logTail(),
    stop: () => child.stop(),
  };
}

function spawnServer(
  options: RedisServerOptions,
  program: ServerProgram,
  home: string,
  pidFile: string,
  port: number,
): Promise<ChildServer> {
  const appendOnly = (options.durable ?? true) ? 'yes' : 'no';
  const settings = [
    ['--port', `${port}`],
    ['--bind', '127.0.0.1'],
    ['--dir', home],
    ['--save', ''],
    ['--appendonly', appendOnly],
    ['--appendfsync', 'everysec'],
    ['--maxmemory-policy', 'noeviction'],
    // An interrupted test does not give back the logical database that it has claimed.
    ...((options.durable ?? true) ? [] : [['--databases', '512']]),
  ].flat();
  // The process title shows only address and port, so these are the marker. A false match would need another
  // Redis on the same port with the same pid.
  return childServer({
    name: program.engine,
    command: [...program.command, ...settings],
    env: { ...process.env, ...program.env },
    cwd: home,
    logFile: join(home, 'redis.log'),
    pidFile,
    marker: `127.0.0.1:${port}`,
  });
}

/**
 * Pid of the server on this port, because another process may have taken it. Undefined while it loads its
 * data.
 */
async function processIdOf(port: number): Promise<number | undefined> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const info = await client.info();
    const isLoading = /^loading:1/m.test(info);
    const pid = /^process_id:(\d+)/m.exec(info)?.[1];
    return isLoading || pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

async function startContainer(options: RedisServerOptions): Promise<RedisServer> {
  const container = await composeService({
    service: 'redis',
    projectKey: options.dataDir,
    log: options.log,
    isThrowaway: options.durable === false,
  });
  return {
    engine: 'Valkey',
    version: container.tag,
    port: container.port,
    pid: undefined,
    origin: container.origin,
    exited: new Promise(() => undefined),
    url: `redis://127.0.0.1:${container.port}`,
    logTail: container.logTail,
    stop: container.stop,
  };
}
