import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { type BenchDatabase, createBenchDatabase } from './bench-database.ts';
import type { ServerKind } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A database with its buyers and the processes that sell from it. */
export interface BenchShop {
  readonly database: BenchDatabase;
  readonly engine: MysqlServer;
  /** Answers with 200 to orders so far: as many orders there must be. */
  accepted: number;
  /** The processes of this kind, started when they are first asked for. */
  processes(kind: ServerKind): Promise<RunningServer>;
  startWorker(queueUrl: string, endpointUrl: string): Promise<ServerProcess>;
  close(): Promise<void>;
}

export interface RunningServer {
  readonly processes: readonly ServerProcess[];
  /** When every buyer was last seen by every process. */
  introducedAtMs: number;
  /** False before the first load: nothing has been compiled yet. */
  isWarm: boolean;
}

/**
 * Connections of the naive server. 8, 16 and 32 were tried, one round each on a busy machine: 95, 192 and 213
 * orders/s of a hot product, 398, 619 and 417 of a uniform load.
 */
const NAIVE_CONNECTIONS = 16;

const entries: Readonly<
  Record<
    ServerKind,
    {
      entry: string;
      args?: readonly string[];
      nodeOptions?: readonly string[];
      env?: Readonly<Record<string, string>>;
      count?: number;
    }
  >
> = {
  rowlock: { entry: 'app/main.ts', args: ['api'] },
  'rowlock, two processes': { entry: 'app/main.ts', args: ['api'], count: 2 },
  'rowlock, errors logged only': { entry: 'app/main.ts', args: ['api'], env: { LOG_LEVEL: 'error' } },
  'rowlock, no key look-up': {
    entry: 'app/main.ts',
    args: ['api'],
    nodeOptions: ['--import', './test/bench/servers/without-idempotency.ts'],
  },
  naive: {
    entry: 'test/bench/servers/naive-server.ts',
    env: { DATABASE_POOL_MAX: String(NAIVE_CONNECTIONS) },
  },
  echo: { entry: 'test/bench/servers/echo-server.ts' },
  'popular from Redis': { entry: 'test/bench/servers/popular-server.ts' },
  'popular by Express': { entry: 'test/bench/servers/popular-express-server.ts' },
};

export async function openBenchShop(options: {
  readonly servers: BenchServers;
  readonly engine: MysqlServer;
  readonly name: string;
  /** Of Redis, this shop's own. */
  readonly redisDatabase: number;
  readonly workDir: string;
}): Promise<BenchShop> {
  const { servers, engine, name, redisDatabase, workDir } = options;
  const redisUrl = `${servers.redis.url}/${redisDatabase}`;
  const database = await createBenchDatabase(engine, redisUrl, name);
  const running = new Map<ServerKind, Promise<RunningServer>>();
  const started: ServerProcess[] = [];

  const start = async (kind: ServerKind): Promise<RunningServer> => {
    const { count = 1, env, ...entry } = entries[kind];
    const processes = await Promise.all(
      Array.from({ length: count }, async () => {
        const settings = shopSettings(
          database.url,
          redisUrl,
          `${servers.queue.url}/000000000000/OrderCompleted`,
          servers.queue.url,
        );
        const server = await startServerProcess({
          ...entry,
          name: kind,
          workDir,
          env: { ...settings, ...env },
        });
        started.push(server);
        return server;
      }),
    );
    return { processes, introducedAtMs: Number.NEGATIVE_INFINITY, isWarm: false };
  };

  return {
    database,
    engine,
    accepted: 0,
    processes(kind) {
      const known = running.get(kind) ?? start(kind);
      running.set(kind, known);
      return known;
    },
    async startWorker(queueUrl, endpointUrl) {
      const settings = shopSettings(database.url, redisUrl, queueUrl, endpointUrl);
      const worker = await startServerProcess({
        entry: 'app/main.ts',
        args: ['worker'],
        name: 'worker',
        workDir,
        env: settings,
        hasHttp: false,
      });
      started.push(worker);
      return worker;
    },
    async close() {
      await Promise.allSettled(running.values());
      await Promise.all(started.map((server) => server.stop()));
      await database.close();
    },
  };
}

/** What has no default or would stop the load; everything else is as it is in production. */
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
    // In place, and out of reach of a load that comes from one address: what they cost is measured with the
    // rest.
    RATE_LIMIT_USER: '999999999/60',
    RATE_LIMIT_ADDRESS: '999999999/60',
  };
}
