/**
 * Runs the suites on throwaway servers. Started by scripts/test, which selects Node and installs packages.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCoverage } from './check-coverage.ts';
import { parseTestOptions, type TestOptions, usage } from './parse-test-options.ts';
import { planSuites } from './plan-suites.ts';
import { runPlan } from './run-plan.ts';
import { slowestLines, type SuiteOutcome, summaryLines, unmatchedPattern } from './suite-outcome.ts';
import { testServers } from './test-servers.ts';
import { shopPaths } from '../shop/shop-paths.ts';

const USAGE_ERROR = 2;
const INTERRUPTED = 130;
const SLOWEST_SHOWN = 20;

async function main(options: TestOptions): Promise<number> {
  const top = join(import.meta.dirname, '../..');
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
  const servers = testServers({ workDir, cacheDir: shopPaths.cache, options, log });
  const outcomes: SuiteOutcome[] = [];
  try {
    const coverageDir = join(workDir, 'coverage');
    mkdirSync(coverageDir);
    const plan = planSuites(options, top);
    outcomes.push(
      ...(await runPlan({
        plan,
        servers,
        workDir,
        grep: options.grep,
        runs: options.runs,
        signal: stopping.signal,
        coverageDir: options.coverage ? coverageDir : undefined,
      })),
    );
    if (options.coverage && !stopping.signal.aborted) {
      const isWholeRun = options.suites === undefined && options.grep === undefined;
      const coverage = await checkCoverage(coverageDir, { isWholeRun });
      console.log(coverage.output);
      if (coverage.outcome !== undefined) outcomes.push(coverage.outcome);
    }
  } finally {
    await servers.stop();
    rmSync(workDir, { recursive: true, force: true });
  }
  console.log(`\nThe slowest tests:\n${slowestLines(outcomes, SLOWEST_SHOWN).join('\n')}`);
  console.log(`\nRan on: ${[`Node ${process.versions.node}`, ...servers.descriptions()].join('; ')}`);
  const ranNothing = outcomes.every(({ passed, failed }) => passed + failed === 0);
  if (ranNothing && options.grep !== undefined && !stopping.signal.aborted)
    outcomes.push(unmatchedPattern(options.grep));
  for (const line of summaryLines(outcomes)) console.log(line);
  if (stopping.signal.aborted) return INTERRUPTED;
  return ranNothing || outcomes.some(({ isBroken }) => isBroken) ? 1 : 0;
}

let options: TestOptions;
try {
  options = parseTestOptions(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(USAGE_ERROR);
}
if (options.help) console.log(usage);
else process.exitCode = await main(options);
