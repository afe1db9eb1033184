import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedSuite } from './plan-suites.ts';
import { runSuite } from './run-suite.ts';
import { type SuiteOutcome, skippedSuite } from './suite-outcome.ts';
import type { TestServers } from './test-servers.ts';

export interface RunPlanOptions {
  readonly plan: readonly PlannedSuite[];
  readonly servers: TestServers;
  readonly workDir: string;
  readonly runs: number | undefined;
  readonly signal: AbortSignal;
  /** Folder for coverage data; undefined when coverage is off. */
  readonly coverageDir: string | undefined;
  /** Wait for a debugger on this port. */
  readonly inspectPort?: number | undefined;
}

/** One suite keeps about one core busy. */
const LANES = 2;

/**
 * Runs the suites in parallel lanes, each taking the next suite when it is free, then the suites that must
 * run alone. Prints a suite's output in one piece when the suite ends; that of a single suite as it comes.
 */
export async function runPlan(options: RunPlanOptions): Promise<SuiteOutcome[]> {
  const outcomes = new Map<PlannedSuite, SuiteOutcome>();
  const runLane = async (queue: PlannedSuite[]) => {
    for (let planned = queue.shift(); planned !== undefined; planned = queue.shift())
      outcomes.set(planned, await runPlanned(planned, options));
  };
  const together = options.plan.filter(({ suite }) => !suite.isAlone);
  await Promise.all(Array.from({ length: LANES }, () => runLane(together)));
  await runLane(options.plan.filter(({ suite }) => suite.isAlone));
  return options.plan.flatMap((planned) => outcomes.get(planned) ?? []);
}

async function runPlanned(planned: PlannedSuite, options: RunPlanOptions): Promise<SuiteOutcome> {
  const { suite, label, skipReason } = planned;
  if (skipReason !== undefined) return skippedSuite(label, skipReason);
  if (options.signal.aborted) return skippedSuite(label, 'the run was stopped', true);
  const servers = suite.needsServers
    ? await options.servers.environment({
        mysql: planned.mysql,
        aws: suite.needsLocalstack ? 'localstack' : 'chosen',
        events: planned.events,
      })
    : { env: {} };
  if ('unavailable' in servers) return skippedSuite(label, servers.unavailable, servers.isBroken);
  console.log(`▶ ${label}: ${suite.about}`);
  const workDir = mkdtempSync(join(options.workDir, `${label.replaceAll(/[ /:]/g, '-')}-`));
  // A single process has the terminal to itself; the lines of several would mix.
  const isShownLive = options.plan.length === 1;
  // Skip coverage: a repeated suite would cover the same lines, and counting slows every process.
  const isRepeat = planned.mysql === 'debian' || planned.label.endsWith('on Kafka');
  const coverage: Record<string, string> =
    options.coverageDir === undefined || isRepeat ? {} : { NODE_V8_COVERAGE: options.coverageDir };
  const report = await runSuite({
    label,
    files: planned.files,
    env: { ...servers.env, ...coverage },
    grep: planned.grep,
    runs: options.runs,
    workDir,
    signal: options.signal,
    inspectPort: options.inspectPort,
    onOutput: isShownLive ? (text) => process.stdout.write(text) : undefined,
  });
  const { passed, failed, skipped } = report.outcome;
  const seconds = (report.durationMs / 1000).toFixed(1);
  console.log(`\n■ ${label}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
  if (!isShownLive) {
    // Why it failed, without having to wait for the end of the whole run.
    if (report.outcome.isBroken) console.log(report.outcome.notes.join('\n'));
    console.log(report.output.trimEnd());
  }
  console.log('');
  return report.outcome;
}
