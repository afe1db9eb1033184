import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeOptions } from '../../scripts/shop/node-options.ts';
import { childServer, type ChildServer } from '../../localstack/processes/child-server.ts';
import { freePort } from '../../localstack/processes/free-port.ts';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ServerProcessOptions {
  /** Path relative to the root of the repository. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Appears in messages and names the log file. */
  readonly name: string;
  readonly workDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** False for processes without HTTP, which count as ready at once. */
  readonly hasHttp?: boolean;
}

const top = join(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
/** Allows a publisher to send up to 20,000 events. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a Node process of the benchmark and resolves once its /readyz answers 200. All processes log to a
 * file: such writes are synchronous in Node, so each process bears the whole cost of its own log.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { entry, name, workDir, hasHttp = true } = options;
  const port = await freePort();
  const child = await childServer({
    name,
    // All compared servers use the shop's Node options.
    command: [process.execPath, ...nodeOptions, join(top, entry), ...(options.args ?? [])],
    cwd: top,
    env: { ...inherited(), NODE_ENV: 'production', HTTP_PORT: String(port), ...options.env },
    logFile: join(workDir, 'logs', `${name.replaceAll(' ', '-')}-${port}.log`),
    marker: join(top, entry),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  const url = `http://127.0.0.1:${port}`;
  if (hasHttp) await untilReady(url, child);
  return { url, pid: child.pid, stop: () => child.stop() };
}

async function untilReady(url: string, child: ChildServer): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await isReady(url))) {
    const reason = child.exitReason();
    if (reason !== undefined || performance.now() > deadlineMs) {
      await child.stop();
      throw new Error(`${child.name} did not start: ${reason ?? 'no answer'}\n${await child.logTail()}`);
    }
    await delay(POLL_MS);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Variables that Node needs; no other variable of the caller's shell reaches a server. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
