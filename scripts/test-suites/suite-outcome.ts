import { relative } from 'node:path';
import type { TestResult } from './result-reporter.ts';

export interface SuiteOutcome {
  /** Such as `integration on MySQL 9.7.4`. */
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failed tests, reasons for skips and for failures outside any test; printed above the counts. */
  readonly notes: readonly string[];
  /** True when the whole run must fail. */
  readonly isBroken: boolean;
  readonly durations?: readonly TestDuration[];
}

export interface TestDuration {
  readonly title: string;
  readonly durationMs: number;
}

export interface SuiteRun {
  readonly results: readonly TestResult[];
  /** How the process ended: `code 1`, `signal SIGKILL`. */
  readonly end: string;
  readonly isFiltered: boolean;
  /** Set when the suite was stopped. */
  readonly endedBecause?: string | undefined;
}

/** Long enough for an assertion; the whole text stands in the suite's own output. */
const MESSAGE_SHOWN = 300;

/** A skipped test states what it needs in its title; any other skipped test is an error. */
const DECLARED_REASON = /\(needs [^)]+\)/;

/**
 * Counts the results of one mocha process. A process that failed without a failing test counts as one
 * failure: an error outside any test, a file that does not load, no test at all, or a run cut short.
 */
export function suiteOutcome(name: string, run: SuiteRun): SuiteOutcome {
  const count = (outcome: TestResult['outcome']) =>
    run.results.filter((result) => result.outcome === outcome).length;
  const skippedTitles = run.results.flatMap((result) => (result.outcome === 'skipped' ? [result.title] : []));
  const passed = count('passed');
  const failedNotes = run.results.flatMap((result) => failedNote(name, result));
  const failedTests = failedNotes.length;
  const problems: string[] = [];
  if (run.endedBecause !== undefined) problems.push(run.endedBecause);
  else if (count('end') === 0) problems.push(`ended with ${run.end} before its last test`);
  else if (passed + failedTests + skippedTitles.length === 0 && !run.isFiltered) problems.push('ran no test');
  else if (run.end !== 'code 0' && failedTests === 0) {
    problems.push(`ended with ${run.end} although no test failed: an error outside any test`);
  }
  const undeclared = skippedTitles.filter((title) => !DECLARED_REASON.test(title));
  return {
    name,
    passed,
    failed: failedTests + problems.length,
    skipped: skippedTitles.length,
    notes: [
      ...failedNotes,
      ...problems.map((problem) => `${name} failed: ${problem}`),
      ...declaredReasons(skippedTitles).map(([reason, times]) => `${name}: ${times} skipped ${reason}`),
      ...undeclared.map((title) => `${name}: a skipped test is not allowed: ${title}`),
    ],
    isBroken: failedTests + problems.length + undeclared.length > 0,
    durations: run.results.flatMap((result) =>
      'durationMs' in result && result.durationMs !== undefined
        ? [{ title: `${name}: ${result.title}`, durationMs: result.durationMs }]
        : [],
    ),
  };
}

/** A suite that did not run counts as one skipped test, with its reason. */
export function skippedSuite(name: string, reason: string, isBroken = false): SuiteOutcome {
  return { name, passed: 0, failed: 0, skipped: 1, notes: [`${name} did not run: ${reason}`], isBroken };
}

/** A pattern that matches no test is a failure: a mistyped title must not look like success. */
export function unmatchedPattern(pattern: string): SuiteOutcome {
  const notes = [`no test ran: no title in the chosen suites that can run here matches --grep=${pattern}`];
  return { name: 'grep', passed: 0, failed: 1, skipped: 0, notes, isBroken: true };
}

/** The notes, then one last line with the counts of all outcomes. */
export function summaryLines(outcomes: readonly SuiteOutcome[]): string[] {
  const sum = (field: 'passed' | 'failed' | 'skipped') =>
    outcomes.reduce((total, outcome) => total + outcome[field], 0);
  return [
    ...outcomes.flatMap(({ notes }) => notes),
    `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
  ];
}

/** The slowest tests, slowest first, one per line. */
export function slowestLines(outcomes: readonly SuiteOutcome[], count: number): string[] {
  return outcomes
    .flatMap(({ durations = [] }) => durations)
    .toSorted((one, other) => other.durationMs - one.durationMs)
    .slice(0, count)
    .map(({ title, durationMs }) => `${(durationMs / 1000).toFixed(1).padStart(7)} s  ${title}`);
}

/** Names a failed test and its file: the log of a long run is often kept by its end alone. */
function failedNote(name: string, result: TestResult): string[] {
  if (result.outcome !== 'failed') return [];
  const file = relative(process.cwd(), result.file);
  const message = (result.message ?? 'no message').replaceAll(/\s+/g, ' ').slice(0, MESSAGE_SHOWN);
  return [`${name} failed: ${result.title} (${file}): ${message}`];
}

function declaredReasons(titles: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const title of titles) {
    const reason = DECLARED_REASON.exec(title)?.[0];
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts];
}
