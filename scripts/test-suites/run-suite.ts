import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { machinePace } from './machine-pace.ts';
import type { TestResult } from './result-reporter.ts';
import { type SuiteOutcome, suiteOutcome } from './suite-outcome.ts';

export interface RunSuiteOptions {
  /** Shown to people; a suite may run on several servers. */
  readonly label: string;
  /** Paths from the root. */
  readonly files: readonly string[];
  /** Added to the environment of the tests. */
  readonly env: Readonly<Record<string, string>>;
  readonly grep: string | undefined;
  /** Rounds of tests that repeat themselves; see RUN_MAX_MS. */
  readonly runs: number | undefined;
  /** An empty folder for this run alone. */
  readonly workDir: string;
  readonly signal: AbortSignal;
  /** Waits for a debugger on this loopback port; then no time limit applies. */
  readonly inspectPort?: number | undefined;
  /** Receives the output as it comes. */
  readonly onOutput?: ((text: string) => void) | undefined;
}

export interface SuiteReport {
  readonly outcome: SuiteOutcome;
  readonly output: string;
  readonly durationMs: number;
}

/** Time to write coverage. A process that lives longer after its last result holds something open. */
const EXIT_GRACE_MS = 10_000;
/** Longest time between two results: more than any test or hook may take. */
const STALL_MAX_MS = 900_000;
/** Added per requested round, because all rounds are one test. */
const RUN_MAX_MS = 60_000;
const WATCH_INTERVAL_MS = 250;
const KILL_GRACE_MS = 3000;

const mocha = join(dirname(createRequire(import.meta.url).resolve('mocha/package.json')), 'bin/mocha.js');
const reporter = join(import.meta.dirname, 'result-reporter.ts');

/** Runs one suite in its own mocha process and process group, and ends the group when the process exits. */
export async function runSuite(options: RunSuiteOptions): Promise<SuiteReport> {
  const { label, signal } = options;
  const resultsFile = join(options.workDir, 'results.jsonl');
  // What a test forgets, or a killed server leaves, goes with it. Its short path leaves room for sockets.
  const temporary = mkdtempSync(join(tmpdir(), 'rt-'));
  // The mode of /tmp: some tests run a program as another user.
  chmodSync(temporary, 0o1777);
  const startMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...(options.inspectPort === undefined ? [] : [`--inspect-wait=127.0.0.1:${options.inspectPort}`]),
      mocha,
      ...(options.inspectPort === undefined ? [] : ['--no-timeouts']),
      '--reporter',
      reporter,
      '--reporter-option',
      `results=${resultsFile}`,
      process.stdout.isTTY ? '--color' : '--no-color',
      ...(options.grep === undefined ? [] : ['--grep', options.grep]),
      ...options.files,
    ],
    // Own process group: Ctrl-C reaches only this process, which ends the group in order.
    {
      env: { ...suiteEnvironment(options), TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      options.onOutput?.(text);
    });
  }
  const stallMaxMs =
    options.inspectPort === undefined ? STALL_MAX_MS + (options.runs ?? 0) * RUN_MAX_MS : Infinity;
  const supervision = supervise(child, { stallMaxMs, resultsFile, signal });
  const end = await ended(child);
  const endedBecause = supervision.stop();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  const outcome = suiteOutcome(label, {
    results: readResults(resultsFile),
    end,
    isFiltered: options.grep !== undefined,
    endedBecause,
  });
  return { outcome, output, durationMs: performance.now() - startMs };
}

/** The caller's shell must not redirect the requests of tests. */
function suiteEnvironment({ env, runs }: RunSuiteOptions): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_ENDPOINT_URL|AWS_REGION|DATABASE_|REDIS_|EVENTS|KAFKA_|TEST_)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: 'test',
    ...env,
    ...(runs === undefined ? {} : { TEST_RUNS: String(runs) }),
  };
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      // End whatever the tests left running; it would also hold the output open.
      killGroup(child, 'SIGKILL');
      const text = signal === null ? `code ${code}` : `signal ${signal}`;
      child.once('close', () => resolve(text));
    });
  });
}

/**
 * Ends the suite when results stop coming, when it hangs after its last test, and when the run is stopped.
 */
function supervise(
  child: ChildProcess,
  { stallMaxMs, resultsFile, signal }: { stallMaxMs: number; resultsFile: string; signal: AbortSignal },
): { stop(): string | undefined } {
  let reason: string | undefined;
  let endSeenMs: number | undefined;
  const timers: NodeJS.Timeout[] = [];
  const endGroup = (because: string) => {
    if (reason !== undefined) return;
    reason = because;
    killGroup(child, 'SIGTERM');
    timers.push(setTimeout(() => killGroup(child, 'SIGKILL'), KILL_GRACE_MS));
  };
  const onAbort = () => endGroup('it was stopped');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let resultCount = 0;
  let progressSeenMs = performance.now();
  const watcher = setInterval(() => {
    const results = readResults(resultsFile);
    if (results.length > resultCount) progressSeenMs = performance.now();
    resultCount = results.length;
    if (performance.now() - progressSeenMs > stallMaxMs)
      endGroup(`it was stopped because no test had ended for ${stallMaxMs / 1000} s`);
    endSeenMs ??= results.some(({ outcome }) => outcome === 'end') ? performance.now() : undefined;
    if (endSeenMs !== undefined && performance.now() - endSeenMs > EXIT_GRACE_MS * machinePace()) {
      const seconds = Math.round((performance.now() - endSeenMs) / 1000);
      endGroup(`it did not exit within ${seconds} s of its last test: something is still open`);
    }
  }, WATCH_INTERVAL_MS);
  return {
    stop() {
      signal.removeEventListener('abort', onAbort);
      clearInterval(watcher);
      for (const timer of timers) clearTimeout(timer);
      return reason;
    },
  };
}

function killGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    // The group has already ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readResults(file: string): TestResult[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // A killed process may leave an incomplete last line.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as TestResult);
}
