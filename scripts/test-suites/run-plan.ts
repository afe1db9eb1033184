import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedSuite } from './plan-suites.ts';
import { runSuite } from './run-suite.ts';
import { type SuiteOutcome, skippedSuite } from './suite-outcome.ts';
import type { TestServers } from './test-servers.ts';

export interface RunPlanOptions {
  readonly plan: readonly PlannedSuite[];
  readonly servers: TestServers;
  readonly workDir: string;
  readonly grep: string | undefined;
  readonly runs: number | undefined;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs the suites in two lanes beside each other: those that need servers one after the other, and those that
 * need none while the servers start. The output of a suite is printed in one piece when it ends.
 */
export async function runPlan(options: RunPlanOptions): Promise<SuiteOutcome[]> {
  const outcomes = new Map<PlannedSuite, SuiteOutcome>();
  const runLane = async (lane: readonly PlannedSuite[]) => {
    for (const planned of lane) outcomes.set(planned, await runPlanned(planned, options));
  };
  await Promise.all([
    runLane(options.plan.filter(({ suite }) => !suite.needsServers)),
    runLane(options.plan.filter(({ suite }) => suite.needsServers)),
  ]);
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
      })
    : { env: {} };
  if ('unavailable' in servers) return skippedSuite(label, servers.unavailable, servers.isBroken);
  console.log(`▶ ${label}: ${suite.about}`);
  const workDir = join(options.workDir, label.replaceAll(' ', '-'));
  mkdirSync(workDir);
  const report = await runSuite({
    suite,
    label,
    env: { ...servers.env, ...options.env },
    grep: options.grep,
    runs: options.runs,
    workDir,
    signal: options.signal,
  });
  const { passed, failed, skipped } = report.outcome;
  const seconds = (report.durationMs / 1000).toFixed(1);
  console.log(`\n■ ${label}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
  console.log(report.output.trimEnd());
  console.log('');
  return report.outcome;
}
