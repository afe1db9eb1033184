import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { ServerProgram } from '../../localstack/programs/server-program.ts';
import { type MysqlServer, startMysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { type RedisServer, startRedisServer } from '../../localstack/redis/start-redis-server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface BenchServersOptions {
  readonly workDir: string;
  readonly cacheDir: string;
  readonly log: (line: string) => void;
}

export interface BenchServers {
  readonly database: MysqlServer;
  readonly redis: RedisServer;
  readonly queue: ServerProcess;
  stop(): Promise<void>;
}

/**
 * Keeps the data of a whole round and of a million orders in memory, like a database that is sized for its
 * load.
 */
const BUFFER_POOL_MB = 1024;
/** RDS's default for MySQL 8.4. With the template's 64 MB both servers would mostly measure checkpoints. */
const REDO_LOG_MB = 1024;

/** Database, Redis and queue of the benchmark, on free loopback ports. */
export async function startBenchServers(options: BenchServersOptions): Promise<BenchServers> {
  const { workDir, cacheDir, log } = options;
  const started: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
    started.push(server);
    return server;
  };
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    const database = keep(await startBenchDatabase(options));
    const redis = keep(await startRedisServer({ dataDir: join(workDir, 'redis'), cacheDir, log }));
    const queue = keep(
      await startServerProcess({ entry: 'test/bench/servers/sqs-stub.ts', name: 'queue', workDir, env: {} }),
    );
    return { database, redis, queue, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a database with production's durability settings; throws if the server reports others. */
export async function startBenchDatabase(
  { workDir, cacheDir, log }: BenchServersOptions,
  program?: ServerProgram,
): Promise<MysqlServer> {
  const server = await startMysqlServer({
    dataDir: join(workDir, program === undefined ? 'database' : 'mysql'),
    cacheDir,
    log,
    durable: true,
    bufferPoolMb: BUFFER_POOL_MB,
    ...(program === undefined ? {} : { program }),
  });
  try {
    await prepare(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function prepare(server: MysqlServer): Promise<void> {
  const connection = await createConnection({ uri: server.url(), connectTimeout: 5000 });
  try {
    const name = server.engine === 'MySQL' ? 'innodb_redo_log_capacity' : 'innodb_log_file_size';
    await connection.query(`SET GLOBAL ${name} = ${REDO_LOG_MB * 1024 * 1024}`);
    const isolation = server.engine === 'MySQL' ? 'transaction_isolation' : 'tx_isolation';
    const [[row]] = await connection.query<RowDataPacket[]>(
      `SELECT @@log_bin AS logBin, @@sync_binlog AS syncBinlog, @@innodb_flush_log_at_trx_commit AS flush,
         @@innodb_doublewrite AS doublewrite, @@${isolation} AS isolation`,
    );
    assertDurable(row ?? {});
  } finally {
    connection.destroy();
  }
}

/** Throws unless every commit is flushed to the binary log and to disk before it is acknowledged. */
export function assertDurable(settings: Readonly<Record<string, unknown>>): void {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    logBin: ['1'],
    syncBinlog: ['1'],
    flush: ['1'],
    doublewrite: ['1', 'ON'],
    isolation: ['READ-COMMITTED'],
  };
  for (const [name, values] of Object.entries(wanted)) {
    if (!values.includes(String(settings[name]))) {
      throw new Error(
        `the database is not set up as the benchmark claims: ${name} is ${String(settings[name])}`,
      );
    }
  }
}
