import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeOptions } from '../../../scripts/shop/node-options.ts';
import { onCleanup } from '../cleanup.ts';
import { until } from '../until.ts';
import { onThisMachine } from '../on-this-machine.ts';

export type Role = 'api' | 'worker' | 'data-platform';

/** One line of the app's log. */
export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface AppProcessOptions {
  readonly roles: readonly Role[];
  /** The whole configuration; nothing of the developer's own shell reaches the app. See test-shop.ts. */
  readonly env: Readonly<Record<string, string>>;
  /** Added before the entry point, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  readonly startTimeoutMs?: number;
  /** The entry point, if it is not this project's own. */
  readonly main?: string | undefined;
  /** File to which all output is appended too. */
  readonly logFile?: string | undefined;
  /** Log line that counts as the start: each role's own, unless the test needs the process earlier. */
  readonly startedBy?: 'role_started' | 'http_listening';
}

export interface AppProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AppProcess {
  readonly pid: number;
  /** Its address, without a slash at the end. Throws if none of its roles serves HTTP. */
  readonly url: string;
  /** Everything logged so far. */
  readonly logs: readonly LogLine[];
  /** Every line that it has written to either stream, unchanged. */
  readonly output: readonly string[];
  readonly exited: Promise<AppProcessEnd>;
  /** The first line of this event, past or future, for which `matches` holds. */
  waitForLog(event: string, matches?: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM and a complete drain. Throws, with the end of the log, if the process does not exit with 0. */
  stop(): Promise<void>;
  /** SIGKILL, as when a machine loses power. */
  kill(): Promise<void>;
  /** The last lines of its output, for error messages. */
  tail(lines?: number): string;
}

const MAIN = fileURLToPath(new URL('../../../app/main.ts', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const LOG_TIMEOUT_MS = 30_000;
/** Longest wait for a process that writes its coverage. */
const COVERAGE_TIMEOUT_MS = 3000;
/** Enough of a log line to identify it. */
const TAIL_COLUMNS = 400;
/** Longer than any DRAIN_TIMEOUT_MS of a test, so that the app's own limit applies first. */
const STOP_TIMEOUT_MS = 70_000;

/**
 * Starts the app as a real process on a free port, and resolves once it reports that its roles have started.
 * It is killed at the end of the test, even a failed one.
 */
export async function startApp(options: AppProcessOptions): Promise<AppProcess> {
  const child = spawn(
    process.execPath,
    [...nodeOptions, ...(options.nodeOptions ?? []), options.main ?? MAIN, ...options.roles],
    {
      env: { ...inherited(), HTTP_PORT: '0', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const app = watch(child, options.logFile);
  onCleanup(() => endQuickly(app));
  const timeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  const failed = app.exited.then(({ code, signal }) => {
    throw new Error(`the app ended with ${signal ?? `code ${code}`} before it had started:\n${app.tail()}`);
  });
  // Every test ends the process later; only a failed start matters here.
  failed.catch(() => undefined);
  const { startedBy = 'role_started' } = options;
  try {
    for (const role of options.roles) {
      const isIts = (line: LogLine) => startedBy === 'http_listening' || line.role === role;
      await Promise.race([failed, app.waitForLog(startedBy, isIts, timeoutMs)]);
    }
  } catch (error) {
    await app.kill();
    throw error;
  }
  return app;
}

/** SIGKILL. While coverage is measured, SIGTERM first: a killed process writes no coverage. */
export async function endQuickly(app: AppProcess): Promise<void> {
  if (process.env.NODE_V8_COVERAGE !== undefined) {
    app.signal('SIGTERM');
    const limit = AbortSignal.timeout(onThisMachine(COVERAGE_TIMEOUT_MS));
    await Promise.race([app.exited, once(limit, 'abort')]);
  }
  await app.kill();
}

/** Variables that Node itself needs, and the folder for coverage. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'NODE_V8_COVERAGE'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function watch(child: ChildProcess, logFile: string | undefined): AppProcess {
  const output: string[] = [];
  const logs: LogLine[] = [];
  collectLines(child, (line) => {
    output.push(line);
    if (logFile !== undefined) appendFileSync(logFile, `${line}\n`);
    const parsed = parseLogLine(line);
    if (parsed !== undefined) logs.push(parsed);
  });
  const exited = new Promise<AppProcessEnd>((resolve) => {
    child.once('error', (error) => output.push(`cannot be started: ${error.message}`));
    // 'close' and not 'exit': only then has all output been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const tail = (lines = 12) =>
    output
      .slice(-lines)
      .map((line) => line.slice(0, TAIL_COLUMNS))
      .join('\n');
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;

  return {
    pid: child.pid ?? -1,
    get url() {
      const listening = logs.find(({ event }) => event === 'http_listening');
      if (typeof listening?.port !== 'number') throw new Error(`the app does not listen:\n${tail()}`);
      return `http://127.0.0.1:${listening.port}`;
    },
    logs,
    output,
    exited,
    async waitForLog(event, matches = () => true, timeoutMs = LOG_TIMEOUT_MS) {
      const find = () => logs.find((line) => line.event === event && matches(line));
      try {
        // An ended process writes nothing more, so stop waiting.
        const found = await until(`log line ${event} of the app`, () => find() ?? !isRunning(), {
          timeoutMs,
        });
        const line = found === true ? await exited.then(find) : found;
        if (line === undefined) throw new Error(`the app ended without a log line ${event}`);
        return line;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${reason}; its output ends with\n${tail()}`, { cause: error });
      }
    },
    signal: (name) => {
      child.kill(name);
    },
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      const { code, signal } = await exited;
      clearTimeout(timer);
      if (code !== 0)
        throw new Error(`the app ended with ${signal ?? `code ${code}`} on SIGTERM:\n${tail()}`);
    },
    async kill() {
      if (isRunning()) child.kill('SIGKILL');
      await exited;
    },
    tail,
  };
}

function collectLines(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    stream?.on('end', () => {
      if (rest !== '') take(rest);
    });
  }
}

function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as Partial<LogLine>;
    return typeof parsed.event === 'string' ? (parsed as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
