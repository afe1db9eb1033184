import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { type BenchDatabase, createBenchDatabase } from './bench-database.ts';
import type { ServerKind } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import { type NetworkDelays, openNetwork, throughLink } from './network/delayed-network.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A database with its buyers, and the processes that sell from it. */
export interface BenchShop {
  readonly database: BenchDatabase;
  readonly engine: MysqlServer;
  /** Number of orders answered with 200 so far, which the database must contain. */
  accepted: number;
  /** Processes that delay its connections. */
  readonly networkPids: readonly number[];
  /** Starts the processes of this kind on the first call, then returns the same ones. */
  processes(kind: ServerKind): Promise<RunningServer>;
  startWorker(queueUrl: string, endpointUrl: string): Promise<ServerProcess>;
  startDataPlatform(endpointUrl: string): Promise<ServerProcess>;
  close(): Promise<void>;
}

export interface RunningServer {
  readonly processes: readonly ServerProcess[];
  /** When every process last served a request of every buyer. */
  introducedAtMs: number;
  /** False before the first load, when the JIT has compiled nothing yet. */
  isWarm: boolean;
}

/**
 * Connections of the naive server. Measured with 8, 16 and 32, one round each on a busy machine: 95, 192 and
 * 213 orders/s for a hot product, 398, 619 and 417 for a uniform load.
 */
const NAIVE_CONNECTIONS = 16;

const entries: Readonly<
  Record<
    ServerKind,
    {
      entry: string;
      args?: readonly string[];
      env?: Readonly<Record<string, string>>;
      count?: number;
      sharesLane?: boolean;
    }
  >
> = {
  rowlock: { entry: 'app/main.ts', args: ['api'] },
  'rowlock, two processes': { entry: 'app/main.ts', args: ['api'], count: 2, sharesLane: true },
  'rowlock, four processes': { entry: 'app/main.ts', args: ['api'], count: 4, sharesLane: true },
  'rowlock, two instances': { entry: 'app/main.ts', args: ['api'], count: 2 },
  'rowlock, errors logged only': { entry: 'app/main.ts', args: ['api'], env: { LOG_LEVEL: 'error' } },
  naive: {
    entry: 'test/bench/servers/naive-server.ts',
    env: { DATABASE_POOL_MAX: String(NAIVE_CONNECTIONS) },
  },
  // Suits a spread load best where a round trip takes a millisecond: more transactions wait at once.
  'naive, 48 connections': { entry: 'test/bench/servers/naive-server.ts', env: { DATABASE_POOL_MAX: '48' } },
  echo: { entry: 'test/bench/servers/echo-server.ts' },
  'popular from Redis': { entry: 'test/bench/servers/popular-server.ts' },
  'popular by Express': { entry: 'test/bench/servers/popular-express-server.ts' },
};

export async function openBenchShop(options: {
  readonly servers: BenchServers;
  readonly engine: MysqlServer;
  readonly name: string;
  /** Redis database number of this shop. */
  readonly redisDatabase: number;
  /** Of its processes; the benchmark itself reaches the servers at once. */
  readonly network?: NetworkDelays | undefined;
  readonly workDir: string;
}): Promise<BenchShop> {
  const { servers, engine, name, redisDatabase, network, workDir } = options;
  const redisUrl = `${servers.redis.url}/${redisDatabase}`;
  const database = await createBenchDatabase(engine, redisUrl, name);
  const links = network && (await openNetwork(network, { mysqlUrl: database.url, redisUrl }));
  const seen = {
    databaseUrl: throughLink(database.url, links?.mysql),
    redisUrl: throughLink(redisUrl, links?.redis),
  };
  const running = new Map<ServerKind, Promise<RunningServer>>();
  const started: ServerProcess[] = [];
  /** Not in workDir: the path of a socket is at most 107 bytes long. */
  const laneDirs: string[] = [];

  const start = async (kind: ServerKind): Promise<RunningServer> => {
    const { count = 1, sharesLane = false, env, ...entry } = entries[kind];
    const laneDir = sharesLane ? mkdtempSync(join(tmpdir(), 'lane-')) : undefined;
    if (laneDir !== undefined) laneDirs.push(laneDir);
    const processes = await Promise.all(
      Array.from({ length: count }, async () => {
        const settings = shopSettings(
          seen.databaseUrl,
          seen.redisUrl,
          queueUrlAt(servers.queue.url),
          servers.queue.url,
        );
        const server = await startServerProcess({
          ...entry,
          name: kind,
          workDir,
          env: { ...settings, ...env, ...(laneDir === undefined ? {} : { ORDER_LANE_DIR: laneDir }) },
        });
        started.push(server);
        return server;
      }),
    );
    return { processes, introducedAtMs: Number.NEGATIVE_INFINITY, isWarm: false };
  };

  const startLoops = async (role: string, queueUrl: string, endpointUrl: string): Promise<ServerProcess> => {
    const server = await startServerProcess({
      entry: 'app/main.ts',
      args: [role],
      name: role,
      workDir,
      env: shopSettings(seen.databaseUrl, seen.redisUrl, queueUrl, endpointUrl),
      hasHttp: false,
    });
    started.push(server);
    return server;
  };

  return {
    database,
    engine,
    accepted: 0,
    networkPids: links?.pids ?? [],
    processes(kind) {
      const known = running.get(kind) ?? start(kind);
      running.set(kind, known);
      return known;
    },
    startWorker: (queueUrl, endpointUrl) => startLoops('worker', queueUrl, endpointUrl),
    startDataPlatform: (endpointUrl) => startLoops('data-platform', queueUrlAt(endpointUrl), endpointUrl),
    async close() {
      await Promise.allSettled(running.values());
      await Promise.all(started.map((server) => server.stop()));
      await links?.stop();
      for (const dir of laneDirs) rmSync(dir, { recursive: true, force: true });
      await database.close();
    },
  };
}

const queueUrlAt = (endpointUrl: string) => `${endpointUrl}/000000000000/OrderCompleted`;

/** Settings without a default, or that would limit the load; all others have their production value. */
function shopSettings(
  databaseUrl: string,
  redisUrl: string,
  queueUrl: string,
  endpointUrl: string,
): Record<string, string> {
  return {
    STAGE: 'bench',
    DATABASE_URL: databaseUrl,
    REDIS_STATE_URL: redisUrl,
    REDIS_CACHE_URL: redisUrl,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ORDER_EVENTS_QUEUE_URL: queueUrl,
    IMAGES_BUCKET: 'rowlock-images',
    IMAGES_BASE_URL: 'http://127.0.0.1/rowlock-images',
    // Limits stay enabled, so that their cost is measured, but too high for a load from one address to reach.
    RATE_LIMIT_USER: '999999999/60',
    RATE_LIMIT_ADDRESS: '999999999/60',
    RATE_LIMIT_AUTH: '999999999/60',
  };
}
