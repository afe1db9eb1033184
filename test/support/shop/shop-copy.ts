import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onCleanup } from '../cleanup.ts';
import { lendPackages, temporaryFolder } from './fresh-clone.ts';
import { onThisMachine } from '../on-this-machine.ts';
import { until } from '../until.ts';

export interface UpEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningUp {
  readonly pid: number;
  readonly ended: Promise<UpEnd>;
  output(): string;
  /** Waits until the shop is open; throws with the output if `up` exits instead. */
  open(): Promise<{ url: string; commands: readonly string[] }>;
  signal(name: NodeJS.Signals): void;
}

export interface ShopCopy {
  readonly dir: string;
  up(args?: readonly string[], env?: Readonly<Record<string, string>>): RunningUp;
  /** Runs lines that `up` printed, in one shell; resolves with their output. */
  shell(commands: readonly string[], timeoutMs?: number): Promise<string>;
  /** Pids from all pid files: up itself, the app's processes and the servers. */
  pids(): number[];
}

const top = fileURLToPath(new URL('../../../', import.meta.url));
const notCopied = new Set(['.git', '.local', 'node_modules', 'cdk.out', 'coverage']);
const OPEN_TIMEOUT_MS = 180_000;

/**
 * A throwaway clone of this project with the same packages and downloads, whose shop tests may run and break.
 */
export function shopCopy(): ShopCopy {
  const dir = temporaryFolder('rowlock-up-');
  cpSync(top, dir, {
    recursive: true,
    filter: (source) => !notCopied.has(relative(top, source)),
  });
  lendPackages(dir);
  return shopIn(dir, ['bash', 'scripts/up'], ownEnvironment());
}

/**
 * The shop of the clone in `dir`, stopped in the end. `command` starts `up` there, in `environment` plus the
 * additions of each call.
 */
export function shopIn(dir: string, command: readonly string[], environment: NodeJS.ProcessEnv): ShopCopy {
  const running = new Set<ChildProcess>();
  onCleanup(async () => {
    for (const child of running) child.kill('SIGTERM');
    await until('every up has ended', () => running.size === 0, { timeoutMs: 60_000 });
  });
  const [executable = 'bash', ...first] = command;
  return {
    dir,
    up(args = [], env = {}) {
      const child = spawn(executable, [...first, '--port', '0', '--aws=embedded', ...args], {
        cwd: dir,
        env: { ...environment, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      child.once('exit', () => running.delete(child));
      return runningUp(child);
    },
    shell: (commands, timeoutMs = 15_000) =>
      new Promise((resolve, reject) => {
        const curl = `curl() { "${process.execPath}" "${join(top, 'test/support/http/curl.ts')}" "$@"; }`;
        execFile(
          'bash',
          ['-euc', [curl, ...commands].join('\n')],
          { timeout: onThisMachine(timeoutMs) },
          (error, stdout, stderr) =>
            error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stderr}`)),
        );
      }),
    pids: () =>
      globSync('.local/{run/*.json,data/**/*.pid.json}', { cwd: dir }).map(
        (file) => (JSON.parse(readFileSync(join(dir, file), 'utf8')) as { pid: number }).pid,
      ),
  };
}

/** The caller's environment, without variables that name servers or measure coverage of the copy. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(AWS_|DATABASE_|REDIS_|HTTP_)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ROWLOCK_CACHE_DIR: join(top, '.local/cache'),
    ...Object.fromEntries(kept),
    // Node passes it to children unless it is named here, and another user may not write there.
    NODE_V8_COVERAGE: undefined,
  };
}

function runningUp(child: ChildProcess): RunningUp {
  let stdout = '';
  let stderr = '';
  let end: UpEnd | undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<UpEnd>((resolve) => {
    child.once('close', (code) => {
      end = { code, stdout, stderr };
      resolve(end);
    });
  });
  return {
    pid: child.pid ?? -1,
    ended,
    output: () => stdout + stderr,
    async open() {
      const isSaid = () => stdout.includes('Ctrl-C stops everything') || end !== undefined;
      await until('the shop is open', isSaid, { timeoutMs: OPEN_TIMEOUT_MS });
      const url = /(http:\S+)\/shop\/ /.exec(stdout)?.[1];
      if (end !== undefined || url === undefined) throw new Error(`up did not open:\n${stdout}${stderr}`);
      const tail = stdout.slice(stdout.indexOf('Three commands to try')).split('\n').slice(1, 4);
      return { url, commands: tail.map((line) => line.trim()) };
    },
    signal: (name) => void child.kill(name),
  };
}
