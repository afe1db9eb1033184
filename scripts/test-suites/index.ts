/**
 * Runs the suites on throwaway servers. Started by scripts/test, which selects Node and installs packages.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shopPaths } from '../shop/shop-paths.ts';
import { checkCoverage } from './check-coverage.ts';
import { keptServers, stopKeptServers } from './kept-servers.ts';
import { INSPECT_PORT, parseTestOptions, type TestOptions, usage } from './parse-test-options.ts';
import { type PlannedSuite, planSuites } from './plan-suites.ts';
import { runPlan } from './run-plan.ts';
import { slowestLines, type SuiteOutcome, summaryLines, unmatchedPattern } from './suite-outcome.ts';
import { testServers, type TestServers } from './test-servers.ts';
import { waitForChange } from './wait-for-change.ts';

const USAGE_ERROR = 2;
const INTERRUPTED = 130;
const SLOWEST_SHOWN = 20;
const top = join(import.meta.dirname, '../..');
const keptFolder = join(shopPaths.local, 'test-servers');

interface Run {
  readonly options: TestOptions;
  readonly plan: readonly PlannedSuite[];
  readonly servers: TestServers;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

async function main(options: TestOptions, plan: readonly PlannedSuite[]): Promise<number> {
  process.chdir(top);
  const workDir = mkdtempSync(join(tmpdir(), 'rowlock-test-'));
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      console.log(`\n${name}: stopping the servers and suites`);
      stopping.abort();
    });
  }
  const log = (line: string) => console.log(`  ${line}`);
  const settings = { workDir, cacheDir: shopPaths.cache, options, log };
  const servers =
    options.keep || options.files.length > 0
      ? keptServers({ ...settings, folder: keptFolder })
      : testServers(settings);
  const run: Run = { options, plan, servers, workDir, signal: stopping.signal };
  try {
    return await (options.watch ? runOnChange(run) : runOnce(run));
  } finally {
    await servers.stop();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** The servers stay up from one run to the next. */
async function runOnChange(run: Run): Promise<number> {
  for (;;) {
    // From before the run, so that a change during it is seen as well.
    const change = waitForChange(top, run.signal);
    const code = await runOnce(run);
    console.log('Waiting for a change; Ctrl-C ends');
    const changed = await change;
    if (changed === undefined) return code;
    console.log(`\n${changed} changed`);
  }
}

async function runOnce({ options, plan, servers, workDir, signal }: Run): Promise<number> {
  const coverageDir = options.coverage ? join(workDir, 'coverage') : undefined;
  if (coverageDir !== undefined) mkdirSync(coverageDir);
  const outcomes: SuiteOutcome[] = await runPlan({
    plan,
    servers,
    workDir,
    runs: options.runs,
    signal,
    coverageDir,
    inspectPort: options.inspect ? INSPECT_PORT : undefined,
  });
  if (coverageDir !== undefined && !signal.aborted) {
    const isWholeRun =
      options.suites === undefined && options.grep === undefined && options.files.length === 0;
    const coverage = await checkCoverage(coverageDir, { isWholeRun });
    console.log(coverage.output);
    if (coverage.outcome !== undefined) outcomes.push(coverage.outcome);
  }
  if (options.files.length === 0)
    console.log(`\nThe slowest tests:\n${slowestLines(outcomes, SLOWEST_SHOWN).join('\n')}`);
  console.log(`\nRan on: ${[`Node ${process.versions.node}`, ...servers.descriptions()].join('; ')}`);
  const ranNothing = outcomes.every(({ passed, failed }) => passed + failed === 0);
  const pattern = plan.find(({ grep }) => grep !== undefined)?.grep;
  if (ranNothing && pattern !== undefined && !signal.aborted) outcomes.push(unmatchedPattern(pattern));
  for (const line of summaryLines(outcomes)) console.log(line);
  if (signal.aborted) return INTERRUPTED;
  return ranNothing || outcomes.some(({ isBroken }) => isBroken) ? 1 : 0;
}

async function stopKept(): Promise<void> {
  const pid = await stopKeptServers(keptFolder);
  console.log(pid === undefined ? 'No servers are kept' : 'Stopped the servers that were kept');
}

let options: TestOptions;
let plan: readonly PlannedSuite[];
try {
  options = parseTestOptions(process.argv.slice(2));
  plan = planSuites(options, top);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(USAGE_ERROR);
}
if (options.help) console.log(usage);
else if (options.stop) await stopKept();
else process.exitCode = await main(options, plan);
