import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { startOnFreePort } from '../processes/start-on-free-port.ts';
import { stopLeftover } from '../processes/stop-leftover.ts';
import type { AwsEndpoint } from './aws-endpoint.ts';

export interface EmbeddedServerOptions {
  /** Folder of this server: data, log and pid file. stop() keeps it. */
  readonly dataDir: string;
  readonly region: string;
  readonly log: (line: string) => void;
  readonly preferredPort?: number | undefined;
}

const program = join(import.meta.dirname, 'embedded-server.ts');
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/**
 * Starts the embedded S3 and SQS server in a child process on a free loopback port. Resolves once it
 * responds.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<AwsEndpoint> {
  const home = resolve(options.dataDir);
  const pidFile = join(home, 'embedded.pid.json');
  const readyFile = join(home, 'embedded.ready.json');
  const leftover = await stopLeftover(pidFile);
  if (leftover !== undefined) options.log(`stopped a leftover embedded server (pid ${leftover})`);
  await mkdir(join(home, 'embedded'), { recursive: true });
  const { child, port } = await startOnFreePort({
    name: 'the embedded S3 and SQS server',
    preferredPort: options.preferredPort,
    start: async (port) => {
      await rm(readyFile, { force: true });
      return childServer({
        name: 'embedded S3 and SQS',
        command: [process.execPath, program, `${port}`, join(home, 'embedded'), readyFile, options.region],
        env: process.env,
        logFile: join(home, 'embedded.log'),
        pidFile,
        marker: readyFile,
        stopTimeoutMs: 5_000,
      });
    },
    isReady: async (_, { pid }) => {
      const ready = await readFile(readyFile, 'utf8').catch(() => '');
      return ready.includes(`"pid":${pid},`);
    },
    timeoutMs: READY_TIMEOUT_MS,
    pollMs: POLL_MS,
  });
  return embeddedEndpoint(child, port);
}

function embeddedEndpoint(child: ChildServer, port: number): AwsEndpoint {
  return {
    kind: 'embedded',
    product: 'fauxqs',
    version: manifest.devDependencies.fauxqs,
    endpoint: `http://127.0.0.1:${port}`,
    pid: child.pid,
    origin: 'embedded in Node, nothing to download; it does not check signatures of uploads',
    hasBucketConfiguration: false,
    checksUploads: false,
    keepsData: true,
    exited: child.exited,
    logTail: () => child.logTail(),
    stop: () => child.stop(),
  };
}
