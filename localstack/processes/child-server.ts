import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { boundLog, cutLog, sizeOf } from './bound-log.ts';
import { stopProcess } from './stop-process.ts';

export interface ChildServerOptions {
  /** Shown in messages. */
  readonly name: string;
  readonly command: readonly string[];
  /** The whole environment of the child. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Receives stdout and stderr, appended and bounded (bound-log.ts). */
  readonly logFile: string;
  /** File for the process id, so that a later start can stop a leftover. */
  readonly pidFile?: string;
  /** Text unique to this child's command line; proves that a pid in a pid file is still ours. */
  readonly marker: string;
  /** Maximum wait between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs?: number;
}

export interface ChildServer {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with the reason when the process ends. */
  readonly exited: Promise<string>;
  /** Reason why the process ended; undefined while it runs. */
  exitReason(): string | undefined;
  /** Sends SIGTERM, then SIGKILL after the limit. May be called twice and after the end. */
  stop(): Promise<void>;
  /** The last lines of this child's log, by default five, without its metrics. */
  logTail(lines?: number): Promise<string>;
}

const DEFAULT_STOP_TIMEOUT_MS = 20_000;
/** Enough to see why a server ended; the file has the rest. */
const LOG_TAIL_LINES = 5;
const LOG_TAIL_BYTES = 64 * 1024;
/** A line of metrics: a role writes one every 10 s, so they would hide its last events. */
const METRICS_START = '{"_aws"';

/**
 * Starts a child in its own process group: Ctrl-C in a terminal reaches only the parent, which stops its
 * children in order. If the parent is killed (SIGKILL), a small watcher sees its pipe close and sends the
 * child SIGTERM.
 */
export async function childServer(options: ChildServerOptions): Promise<ChildServer> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  // Left by a killed parent, which no longer rotated it.
  await cutLog(options.logFile);
  let logStart = await sizeOf(options.logFile);
  const output = openSync(options.logFile, 'a');
  const [executable, ...args] = options.command;
  if (executable === undefined) throw new Error(`${options.name}: no command given`);
  const child = spawn(executable, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const pid = await spawnedPid(child, options.name);
  if (options.pidFile !== undefined) {
    mkdirSync(dirname(options.pidFile), { recursive: true });
    writeFileSync(options.pidFile, JSON.stringify({ pid, marker: options.marker }));
  }
  const watcher = startWatcher(pid);
  const log = boundLog(options.logFile, () => {
    logStart = 0;
  });

  let reason: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      reason = signal === null ? `exit code ${code}` : `signal ${signal}`;
      watcher.kill('SIGKILL');
      void log.stop();
      if (options.pidFile !== undefined) rmSync(options.pidFile, { force: true });
      resolve(reason);
    });
  });
  let stopping: Promise<void> | undefined;
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    exited,
    exitReason: () => reason,
    stop() {
      stopping ??= stopProcess(child, exited, options.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS);
      return stopping;
    },
    logTail: (lines = LOG_TAIL_LINES) => readTail(options.logFile, logStart, lines),
  };
}

function spawnedPid(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`)));
    child.once('spawn', () => resolve(child.pid ?? -1));
  });
}

/** Waits until the parent's pipe closes, then stops the child. Killed itself once the child is gone. */
function startWatcher(pid: number): ChildProcess {
  const watcher = spawn(
    '/bin/sh',
    ['-c', 'read -r _; kill -TERM "$1" 2>/dev/null', 'rowlock-watcher', `${pid}`],
    {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  watcher.on('error', () => undefined);
  watcher.unref();
  return watcher;
}

async function readTail(logFile: string, from: number, lines: number): Promise<string> {
  const content = await readFile(logFile).catch(() => Buffer.alloc(0));
  const own = content.subarray(Math.max(from, content.length - LOG_TAIL_BYTES));
  const written = own.toString('utf8').trimEnd().split('\n');
  return written
    .filter((line) => !line.startsWith(METRICS_START))
    .slice(-lines)
    .join('\n');
}
