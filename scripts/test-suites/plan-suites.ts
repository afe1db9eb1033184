import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTestAtLine } from './find-test-at-line.ts';
import type { TestOptions } from './parse-test-options.ts';
import { againOnKafka, notAgainOnMysql, type Suite, suites, suitesOnMysql } from './suites.ts';

export interface PlannedSuite {
  readonly suite: Suite;
  /** Shown to people: the suite, its part, and the server where it is not the usual one. */
  readonly label: string;
  /** Paths from the root. */
  readonly files: readonly string[];
  readonly mysql: 'chosen' | 'debian';
  readonly events: 'sqs' | 'kafka';
  /** Pattern that the full title of a test must match. */
  readonly grep: string | undefined;
  /** Why the suite will not run. */
  readonly skipReason: string | undefined;
}

/**
 * Every suite in its parts. A suite that will not run is listed with the reason: nothing is left out
 * silently. If files are named, only these. Throws an Error with one sentence for a file that does not exist.
 */
export function planSuites(options: TestOptions, top: string): PlannedSuite[] {
  if (options.files.length > 0) return planFiles(options, top);
  return [
    ...suites.flatMap((suite) => planParts(suite, 'chosen', options, top)),
    ...(options.alsoMysql ? suites.filter(({ name }) => suitesOnMysql.includes(name)) : []).flatMap((suite) =>
      planParts(suite, 'debian', options, top),
    ),
    ...(options.alsoKafka ? planOnKafka(options, top) : []),
  ];
}

/** One process for the files of each suite in which the transport matters. */
function planOnKafka(options: TestOptions, top: string): PlannedSuite[] {
  const files = globSync([...againOnKafka], { cwd: top }).toSorted();
  return suites.flatMap((suite) => {
    const own = files.filter((file) => file.startsWith(`test/${suite.name}/`));
    const skipReason = skipReasonOf(suite, own, options);
    const label = `${suite.name} on Kafka`;
    const base = { suite, label, files: own, mysql: 'chosen', events: 'kafka' } as const;
    return own.length === 0 ? [] : [{ ...base, grep: options.grep, skipReason }];
  });
}

function planParts(
  suite: Suite,
  mysql: PlannedSuite['mysql'],
  options: TestOptions,
  top: string,
): PlannedSuite[] {
  const name = mysql === 'chosen' ? suite.name : `${suite.name} on MySQL`;
  const exclude = mysql === 'chosen' ? [] : notAgainOnMysql;
  const files = globSync(`test/${suite.name}/**/*.test.ts`, { cwd: top, exclude }).toSorted();
  const skipReason = skipReasonOf(suite, files, options);
  // A pattern selects few tests: no need to split them.
  const parts = skipReason === undefined && options.grep === undefined ? (suite.parts ?? 1) : 1;
  return Array.from({ length: parts }, (_, part) => ({
    suite,
    label: parts === 1 ? name : `${name} ${part + 1}/${parts}`,
    files: files.filter((_file, index) => index % parts === part),
    mysql,
    events: eventsOf(suite, options),
    grep: options.grep,
    skipReason,
  }));
}

/** One process for the whole files of a suite, and one for each test that a line chooses. */
function planFiles(options: TestOptions, top: string): PlannedSuite[] {
  const { files, grep } = options;
  const missing = files.find(({ path }) => !existsSync(join(top, path)));
  if (missing !== undefined) throw new Error(`${missing.path} does not exist`);
  const named = files.map(({ suite, path, line }) => ({
    suite,
    path,
    line,
    pattern: line === undefined ? undefined : findTestAtLine(readFileSync(join(top, path), 'utf8'), line),
  }));
  return suites.flatMap((suite) => {
    const own = named.filter((file) => file.suite === suite.name);
    const whole = own.flatMap(({ path, pattern }) => (pattern === undefined ? [path] : []));
    const events = eventsOf(suite, options);
    const base = { suite, mysql: 'chosen', events, skipReason: undefined } as const;
    return [
      ...(whole.length === 0 ? [] : [{ ...base, label: suite.name, files: [...new Set(whole)], grep }]),
      ...own.flatMap(({ path, line, pattern }) =>
        pattern === undefined ? [] : [{ ...base, label: `${path}:${line}`, files: [path], grep: pattern }],
      ),
    ];
  });
}

const eventsOf = (suite: Suite, options: TestOptions) => (suite.needsKafka ? 'kafka' : options.events);

function skipReasonOf(suite: Suite, files: readonly string[], options: TestOptions): string | undefined {
  if (options.suites !== undefined && !options.suites.includes(suite.name)) return '--suite chose others';
  const hasLocalstack =
    options.aws === 'localstack' || options.alsoLocalstack || options.suites?.includes('localstack');
  if (suite.needsLocalstack && !hasLocalstack) return 'it needs --aws=localstack or --also-localstack';
  const hasKafka = options.events === 'kafka' || options.alsoKafka || options.suites?.includes('kafka');
  if (suite.needsKafka && !hasKafka) return 'it needs --events=kafka or --also-kafka';
  // A folder with test files but no executed test is an error, which shows after the run. No files means a
  // suite that is not written yet.
  return files.length === 0 ? `test/${suite.name} has no test file` : undefined;
}
