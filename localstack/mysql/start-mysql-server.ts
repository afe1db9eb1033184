import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { composeService } from '../processes/compose-service.ts';
import type { Log } from '../processes/log.ts';
import { mysqlAccount } from './mysql-account.ts';
import { mysqlConfiguration } from './mysql-configuration.ts';
import { mysqlDataDirectory } from './mysql-data-directory.ts';
import type { ServerProgram } from '../programs/server-program.ts';
import { startFirst } from '../programs/start-first.ts';
import { startOnFreePort } from '../processes/start-on-free-port.ts';
import { stopLeftover } from '../processes/stop-leftover.ts';

export interface MysqlServerOptions {
  /** Folder of this server: data, configuration, log and pid file. stop() keeps it. */
  readonly dataDir: string;
  /** Folder of unpacked packages and templates, shared by all servers. */
  readonly cacheDir: string;
  readonly log: Log;
  /** Durable as on RDS (default), or fast for throwaway servers. */
  readonly durable?: boolean;
  readonly bufferPoolMb?: number;
  /** Further my.cnf lines, such as certificate files. */
  readonly extraSettings?: readonly string[];
  /** A program and its arguments that run the server's command, which is appended. */
  readonly runBy?: readonly string[];
  /** Used if free. */
  readonly preferredPort?: number | undefined;
  /** Run this program instead of searching for one. */
  readonly program?: ServerProgram;
}

export interface MysqlServer {
  readonly engine: 'MariaDB' | 'MySQL';
  readonly version: string;
  readonly port: number;
  /** Undefined for a server in a container. */
  readonly pid: number | undefined;
  /** Origin of the program, for messages. */
  readonly origin: string;
  /** Resolves with the reason when the process ends; never for a container. */
  readonly exited: Promise<string>;
  /** URL with user and password; without a name it selects no database. */
  url(databaseName?: string): string;
  /** Creates the database if missing and returns its URL. */
  createDatabase(databaseName: string): Promise<string>;
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 25;
/** Leaves room for `/rl-XXXXXX/s` and the suffixes that a server appends. */
const SHORT_AND_PLAIN = /^[\w./-]{1,80}$/;

/**
 * Starts a MySQL or MariaDB server on a free loopback port and resolves once it responds. Tries, in order:
 * programs on this machine, Docker Compose, Debian packages unpacked in the cache. First stops a server that
 * an earlier run left on the same folder. Throws with install instructions if all fail.
 */
export async function startMysqlServer(options: MysqlServerOptions): Promise<MysqlServer> {
  const { program } = options;
  if (program !== undefined) return startProgram(options, program);
  return startFirst({
    kind: 'mysql',
    cacheDir: options.cacheDir,
    log: options.log,
    startProgram: (found) => startProgram(options, found),
    startContainer: () => startContainer(options),
  });
}

async function startProgram(options: MysqlServerOptions, program: ServerProgram): Promise<MysqlServer> {
  const home = resolve(options.dataDir);
  const pidFile = join(home, 'mysql.pid.json');
  const leftover = await stopLeftover(pidFile);
  if (leftover !== undefined) options.log(`stopped a leftover database server (pid ${leftover})`);
  await mkdir(home, { recursive: true });
  await removeOldSocketDir(join(home, 'my.cnf'));
  const socketDir = await makeSocketDir();
  try {
    // One folder per engine: MySQL cannot open MariaDB's files, nor the reverse.
    const dataDir = join(home, `data-${program.engine.toLowerCase()}`);
    await mysqlDataDirectory({
      program,
      dataDir,
      cacheDir: resolve(options.cacheDir),
      socketDir,
      log: options.log,
    });
    const { child, port } = await startOnFreePort({
      name: `${program.engine} ${program.version}`,
      preferredPort: options.preferredPort,
      start: (port) => spawnServer(options, program, { home, dataDir, socketDir, port, pidFile }),
      isReady: async (port) => resolve((await dataDirOf(port)) ?? '') === dataDir,
      timeoutMs: READY_TIMEOUT_MS,
      pollMs: POLL_MS,
    });
    return mysqlServer(program, child, port, socketDir);
  } catch (error) {
    await rm(socketDir, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Creates a folder with a short path without spaces, independent of the project's path and of TMPDIR. Socket
 * paths are limited to about 107 characters, and mariadb-install-db splits paths at spaces.
 */
async function makeSocketDir(): Promise<string> {
  return mkdtemp(join(SHORT_AND_PLAIN.test(tmpdir()) ? tmpdir() : '/tmp', 'rl-'));
}

/** A killed server leaves its socket folder behind. */
async function removeOldSocketDir(configurationFile: string): Promise<void> {
  const configuration = await readFile(configurationFile, 'utf8').catch(() => '');
  const folder = /^socket=(.*\/rl-[^/]+)\/s$/m.exec(configuration)?.[1];
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

interface Place {
  readonly home: string;
  readonly dataDir: string;
  readonly socketDir: string;
  readonly port: number;
  readonly pidFile: string;
}

async function spawnServer(
  options: MysqlServerOptions,
  program: ServerProgram,
  place: Place,
): Promise<ChildServer> {
  const configurationFile = join(place.home, 'my.cnf');
  const settings = { durable: options.durable ?? true, bufferPoolMb: options.bufferPoolMb ?? 128 };
  const lines = [
    mysqlConfiguration({ program, ...place, ...settings }),
    ...(options.extraSettings ?? []),
    '',
  ];
  await writeFile(configurationFile, lines.join('\n'));
  return childServer({
    name: program.engine,
    command: [...(options.runBy ?? []), ...program.command, `--defaults-file=${configurationFile}`],
    env: { ...process.env, ...program.env },
    logFile: join(place.home, 'mysql.log'),
    pidFile: place.pidFile,
    marker: configurationFile,
  });
}

/** Data directory of the server on this port: another process may have taken the port. */
async function dataDirOf(port: number): Promise<string | undefined> {
  const uri = serverUrl(port);
  const connection = await mysql.createConnection({ uri, connectTimeout: 2_000 }).catch(() => undefined);
  if (connection === undefined) return undefined;
  try {
    const sql = 'SELECT @@datadir AS dataDir';
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: 2_000 });
    return String(rows[0]?.dataDir);
  } catch {
    return undefined;
  } finally {
    connection.destroy();
  }
}

function mysqlServer(
  program: ServerProgram,
  child: ChildServer,
  port: number,
  socketDir: string,
): MysqlServer {
  const removeSocketDir = () => rm(socketDir, { recursive: true, force: true });
  // A server that is killed leaves its socket behind.
  void child.exited.then(removeSocketDir).catch(() => undefined);
  return {
    engine: program.engine === 'MySQL' ? 'MySQL' : 'MariaDB',
    version: program.version,
    port,
    pid: child.pid,
    origin: program.origin,
    exited: child.exited,
    url: (databaseName) => serverUrl(port, databaseName),
    createDatabase: (databaseName) => createDatabase(serverUrl(port), databaseName),
    logTail: () => child.logTail(),
    async stop() {
      await child.stop();
      await removeSocketDir();
    },
  };
}

async function startContainer(options: MysqlServerOptions): Promise<MysqlServer> {
  const container = await composeService({
    service: 'mysql',
    projectKey: options.dataDir,
    log: options.log,
    isThrowaway: options.durable === false,
  });
  const { port } = container;
  return {
    engine: 'MySQL',
    version: container.tag,
    port,
    pid: undefined,
    origin: container.origin,
    exited: new Promise(() => undefined),
    url: (databaseName) => serverUrl(port, databaseName),
    createDatabase: (databaseName) => createDatabase(serverUrl(port), databaseName),
    logTail: container.logTail,
    stop: container.stop,
  };
}

function serverUrl(port: number, databaseName = ''): string {
  const { user, password } = mysqlAccount;
  return `mysql://${user}:${password}@127.0.0.1:${port}/${databaseName}`;
}

async function createDatabase(serverUri: string, databaseName: string): Promise<string> {
  if (!/^[a-z0-9_]{1,64}$/.test(databaseName)) throw new Error(`not a database name: ${databaseName}`);
  const connection = await mysql.createConnection({ uri: serverUri, connectTimeout: 5_000 });
  try {
    const letters = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci';
    const sql = `CREATE DATABASE IF NOT EXISTS ${databaseName} ${letters}`;
    await connection.query({ sql, timeout: 10_000 });
  } finally {
    connection.destroy();
  }
  return `${serverUri}${databaseName}`;
}
