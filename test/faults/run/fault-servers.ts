import { join } from 'node:path';
import { startAwsEndpoint } from '../../../localstack/aws/start-aws-endpoint.ts';
import { startMysqlServer } from '../../../localstack/mysql/start-mysql-server.ts';
import { startRedisServer } from '../../../localstack/redis/start-redis-server.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { projectDirs } from './project-dirs.ts';
import type { ShiftedClock } from './shifted-clock.ts';

const serverNames = ['mysql', 'redis', 'aws'] as const;

export type ServerName = (typeof serverNames)[number];

/** A server of this run only. Its data outlive the process, like a disk. */
export interface FaultServer {
  readonly name: ServerName;
  /** Program and version, for reports. */
  readonly product: string;
  /** Current address; it changes after a move. */
  readonly url: string;
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Orderly shutdown, as for maintenance; SIGCONT first. */
  stop(): Promise<void>;
  /**
   * Keeps the data; keeps the port unless `move` is set. `settings` are lines of my.cnf for this life of a
   * database only.
   */
  start(options?: { readonly move?: boolean; readonly settings?: readonly string[] }): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  readonly isRunning: boolean;
}

interface Started {
  readonly product: string;
  readonly url: string;
  readonly pid: number | undefined;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const REGION = 'ap-northeast-2';
const BUFFER_POOL_MB = 64;
/**
 * When a file may not grow (full-disk.ts), the server gets an error as on a full disk, and not a deadly
 * signal.
 */
const ignoringFileSizeSignal = ['/bin/sh', '-c', `trap '' XFSZ; exec "$@"`, 'sh'];

/**
 * MariaDB that aborted on a full disk may refuse to start: it finds a prepared transaction, and its binary
 * log was closed. A transaction that is not in that log was never acknowledged.
 */
const ROLL_BACK_PREPARED = 'tc-heuristic-recover=ROLLBACK';

/**
 * Starts the three servers of a run, with their data and logs below `dir`; `moved` is called with each new
 * address. The database's clock is `clock`, by default the real time.
 */
export async function startFaultServers(
  dir: string,
  moved: (server: ServerName, url: string) => void,
  clock: ShiftedClock = {},
): Promise<Readonly<Record<ServerName, FaultServer>>> {
  const servers = await Promise.all(serverNames.map((name) => startFaultServer(name, dir, moved, clock)));
  return Object.fromEntries(servers.map((server) => [server.name, server])) as Record<
    ServerName,
    FaultServer
  >;
}

/** Starts one of them alone. */
export function startFaultServer(
  name: ServerName,
  dir: string,
  moved: (server: ServerName, url: string) => void = () => undefined,
  clock: ShiftedClock = {},
): Promise<FaultServer> {
  return faultServer(
    name,
    (preferredPort, settings) => startProgram(name, dir, preferredPort, clock, settings),
    moved,
  );
}

async function startProgram(
  name: ServerName,
  dir: string,
  preferredPort: number | undefined,
  clock: ShiftedClock,
  settings: readonly string[] = [],
): Promise<Started> {
  const { cacheDir } = projectDirs;
  const place = { dataDir: join(dir, name), cacheDir, log: () => undefined, preferredPort };
  switch (name) {
    case 'mysql': {
      // Durable, like RDS: acknowledged changes must survive SIGKILL.
      const start = (extraSettings: readonly string[] = []) =>
        startMysqlServer({
          ...place,
          bufferPoolMb: BUFFER_POOL_MB,
          runBy: [...withClock(clock), ...ignoringFileSizeSignal],
          extraSettings: [...settings, ...extraSettings],
        });
      const server = await start().catch(async (error: unknown) => {
        if (!String(error).includes('tc-heuristic-recover')) throw error;
        // The server exits after it has rolled back.
        await start([ROLL_BACK_PREPARED]).catch(() => undefined);
        return start();
      });
      return { ...server, product: `${server.engine} ${server.version}`, url: server.url() };
    }
    case 'redis': {
      const server = await startRedisServer(place);
      return { ...server, product: `${server.engine} ${server.version}` };
    }
    case 'aws': {
      const server = await startAwsEndpoint({ mode: 'embedded', region: REGION, ...place });
      return { ...server, product: `${server.product} ${server.version}`, url: server.endpoint };
    }
  }
}

function withClock(clock: ShiftedClock): string[] {
  return ['/usr/bin/env', ...Object.entries(clock).map(([name, value]) => `${name}=${value}`)];
}

async function faultServer(
  name: ServerName,
  program: (preferredPort: number | undefined, settings?: readonly string[]) => Promise<Started>,
  moved: (server: ServerName, url: string) => void,
): Promise<FaultServer> {
  let started = await program(undefined);
  let isRunning = true;
  let isFrozen = false;
  /** The server may also exit on its own, as a database does that cannot write its log. */
  const noteEnd = async (life: Started): Promise<void> => {
    await life.exited;
    if (started === life) isRunning = false;
  };
  void noteEnd(started);
  const signal = (what: NodeJS.Signals) => {
    if (started.pid === undefined) throw new Error(`${name} runs in a container and takes no signals`);
    try {
      process.kill(started.pid, what);
    } catch (error) {
      // The process has just ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const server: FaultServer = {
    name,
    get product() {
      return started.product;
    },
    get url() {
      return started.url;
    },
    get pid() {
      return started.pid ?? -1;
    },
    get isRunning() {
      return isRunning;
    },
    async kill() {
      if (!isRunning) return;
      signal('SIGKILL');
      await started.exited;
      isRunning = false;
    },
    async stop() {
      if (!isRunning) return;
      server.thaw();
      isRunning = false;
      await started.stop();
    },
    async start({ move = false, settings } = {}) {
      if (isRunning) return;
      started = await program(move ? undefined : Number(new URL(started.url).port), settings);
      isRunning = true;
      void noteEnd(started);
      moved(name, started.url);
    },
    freeze() {
      if (!isRunning) return;
      isFrozen = true;
      signal('SIGSTOP');
    },
    thaw() {
      if (isFrozen && isRunning) signal('SIGCONT');
      isFrozen = false;
    },
  };
  // Its data are discarded, so an orderly shutdown is not needed.
  onCleanup(() => server.kill());
  moved(name, started.url);
  return server;
}
