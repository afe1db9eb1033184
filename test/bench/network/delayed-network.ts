import { fork } from 'node:child_process';
import { join } from 'node:path';

interface DelayedLink {
  /** Port on 127.0.0.1 that leads to the server. */
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface DelayedLinkJob {
  readonly host: string;
  readonly port: number;
  /** Added in each direction. */
  readonly delayMs: number;
  /** Added to bytes that end with a COMMIT: a storage that takes this much longer to flush. */
  readonly commitMs: number;
}

/** Starts a process that relays connections to a server as if it were this far away. */
async function openDelayedLink(job: DelayedLinkJob): Promise<DelayedLink> {
  const child = fork(join(import.meta.dirname, 'relay-process.ts'), [JSON.stringify(job)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A separate process group: Ctrl-C reaches only the parent, which then ends this process.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', resolve as (port: unknown) => void);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the delayed link ended with code ${code}`)));
  });
  return {
    port,
    pid: child.pid ?? -1,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Delays in each direction. */
export interface NetworkDelays {
  readonly mysqlMs: number;
  readonly redisMs: number;
  /** Added to each COMMIT. */
  readonly commitMs: number;
}

export interface Network {
  readonly mysql: DelayedLink;
  readonly redis: DelayedLink;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export async function openNetwork(
  { mysqlMs, redisMs, commitMs }: NetworkDelays,
  { mysqlUrl, redisUrl }: { readonly mysqlUrl: string; readonly redisUrl: string },
): Promise<Network> {
  const [mysql, redis] = await Promise.all([
    openDelayedLink({ ...addressOf(mysqlUrl), delayMs: mysqlMs, commitMs }),
    openDelayedLink({ ...addressOf(redisUrl), delayMs: redisMs, commitMs: 0 }),
  ]);
  return {
    mysql,
    redis,
    pids: [mysql.pid, redis.pid],
    stop: async () => {
      await Promise.all([mysql.stop(), redis.stop()]);
    },
  };
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** The same URL by way of the link. */
export function throughLink(url: string, link: DelayedLink | undefined): string {
  if (link === undefined) return url;
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(link.port);
  return changed.href;
}
