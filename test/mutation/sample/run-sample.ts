import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseTestOptions } from '../../../scripts/test-suites/parse-test-options.ts';
import { testServers } from '../../../scripts/test-suites/test-servers.ts';
import type { Mutant } from './mutant.ts';
import { coveringTests } from './sampled-files.ts';
import { applied } from './sql-mutants.ts';

export type Fate = 'killed' | 'survived' | 'timed out';

export interface TriedMutant {
  readonly mutant: Mutant;
  readonly fate: Fate;
}

/** A run of tests may take this many times as long as without a mutant, and a minute. */
const SLOWER_MAX = 2;
const EXTRA_MS = 60_000;
const BASELINE_MAX_MS = 900_000;

/**
 * Tries each mutant alone, in a copy of the tree, with the tests that cover its file, on one set of servers.
 * Throws when these tests fail without a mutant.
 */
export async function runSample(
  sample: readonly Mutant[],
  {
    top,
    cacheDir,
    signal,
    onTried,
  }: { top: string; cacheDir: string; signal: AbortSignal; onTried: (tried: TriedMutant) => void },
): Promise<void> {
  const tree = copyOfTree(top);
  const workDir = mkdtempSync(join(tmpdir(), 'rowlock-mutants-'));
  const servers = testServers({ workDir, cacheDir, options: parseTestOptions([]), log: () => undefined });
  try {
    const found = await servers.environment({ mysql: 'chosen', aws: 'chosen', events: 'sqs' });
    if (!('env' in found)) throw new Error(found.unavailable);
    const baselineMs = new Map<string, number>();
    for (const mutant of sample) {
      if (signal.aborted) return;
      const tests = coveringTests(mutant.file, top);
      const key = tests.join();
      let unchangedMs = baselineMs.get(key);
      if (unchangedMs === undefined) {
        const startMs = performance.now();
        const fate = await runTests({ tree, tests, env: found.env, timeoutMs: BASELINE_MAX_MS, signal });
        if (signal.aborted) return;
        if (fate !== 'survived') throw new Error(`without a mutant, ${fate}: ${tests.join(' ')}`);
        unchangedMs = performance.now() - startMs;
        baselineMs.set(key, unchangedMs);
      }
      const source = readFileSync(join(top, mutant.file), 'utf8');
      writeFileSync(join(tree, mutant.file), applied(mutant, source));
      const timeoutMs = unchangedMs * SLOWER_MAX + EXTRA_MS;
      const fate = await runTests({ tree, tests, env: found.env, timeoutMs, signal });
      if (signal.aborted) return;
      writeFileSync(join(tree, mutant.file), source);
      onTried({ mutant, fate });
    }
  } finally {
    await servers.stop();
    rmSync(workDir, { recursive: true, force: true });
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Copies what git knows; packages are linked. */
function copyOfTree(top: string): string {
  const tree = join(top, '.local/mutation/tree');
  rmSync(tree, { recursive: true, force: true });
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: top,
  });
  for (const file of files.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(join(top, file), join(tree, file));
  }
  symlinkSync(join(top, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

async function runTests({
  tree,
  tests,
  env,
  timeoutMs,
  signal,
}: {
  tree: string;
  tests: readonly string[];
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<Fate> {
  const mocha = join(tree, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--bail', '--exit', '--reporter=dot', ...tests], {
    cwd: tree,
    env: { ...process.env, NODE_ENV: 'test', ...env },
    stdio: 'ignore',
    // A group of its own, so that processes of a test end with it.
    detached: true,
  });
  let isLate = false;
  const endGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group has ended.
    }
  };
  signal.addEventListener('abort', endGroup);
  const timer = setTimeout(() => {
    isLate = true;
    endGroup();
  }, timeoutMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  signal.removeEventListener('abort', endGroup);
  endGroup();
  if (isLate) return 'timed out';
  return code === 0 ? 'survived' : 'killed';
}
